"""Counts published of the IAE dataset, to compare with."""

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
