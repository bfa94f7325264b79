"""Figures as values that JSON can hold."""

import math
from collections.abc import Mapping
from typing import Any

from iae.metrics.bootstrap import Interval
from iae.metrics.comparison import MethodComparison


def json_ready(value: Any) -> Any:
    """The value with NaN and infinities, for which JSON has no word, as null.

    Intervals and comparisons become objects with their three fields, tuples become lists; what is
    inside of mappings and lists is changed alike.

    >>> json_ready({"share": Interval(0.5, 0.4, float("inf")), "n": (1, None)})
    {'share': {'value': 0.5, 'low': 0.4, 'high': None}, 'n': [1, None]}
    """
    if isinstance(value, Interval | MethodComparison):
        return json_ready(value._asdict())
    if isinstance(value, Mapping):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
