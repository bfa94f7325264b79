"""Counts published of the IAE dataset and of PhotoTriage, to compare with."""

from collections.abc import Mapping

IAE_TOTAL, IAE_HIGH, IAE_LOW = 22_086, 12_762, 9_324
"""Images; those of high and of low aesthetic quality."""

IAE_BARS: Mapping[str, tuple[int, int]] = {
    "amusement": (2780, 1985),
    "excitement": (1505, 1235),
    "awe": (2740, 215),
    "contentment": (4040, 1150),
    "disgust": (40, 1555),
    "anger": (160, 1025),
    "fear": (135, 825),
    "sadness": (1230, 1440),
}
"""(high, low) images of each emotion, read off the published bar chart, to about 25 images."""

IAE_BAR_ERROR = 25
"""Images by which a bar may have been misread."""

IAE_EMOTION_MINIMUM = 1_100
"""Every emotion has more images than this, by the text; by the chart fear has fewer."""

PHOTOTRIAGE_LISTS: Mapping[str, tuple[int, int, int]] = {
    "train": (12_075, 4_560, 91),
    "val": (483, 195, 1),
}
"""Pairs, series, and pairs at a share of exactly .5, of PhotoTriage's published pair lists."""

IAE_FORMATS = frozenset({"uae", "iea"})
"""Formats in which nothing but the IAE dataset is published: compared with its counts unasked."""
