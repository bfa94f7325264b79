"""Text that is safe to print."""


def one_line(text: str) -> str:
    r"""The text on one line, with whatever would steer a terminal, or not show, spelt out.

    File names can hold line breaks, escape sequences and bytes that are no text.

    >>> one_line("a\nb\x1b[2J.jpg")
    'a\\nb\\x1b[2J.jpg'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
