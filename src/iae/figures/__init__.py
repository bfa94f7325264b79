"""One function a figure: values in, a matplotlib ``Figure`` out. Needs ``[data]``.

Figures are made without pyplot, so nothing global changes and no display is needed.
"""
