"""The section of counts: images, high and low, per emotion and per polarity."""

import numpy as np

from iae.data.published import IAE_BARS, IAE_EMOTION_MINIMUM
from iae.describe.section import Absent, Section, Subject, images_text, percent
from iae.labels import EMOTIONS, HIGH_THRESHOLD
from iae.stats.association import by_polarity
from iae.stats.counts import (
    NO_VOTE,
    TIE,
    UNLABELLED,
    Comparison,
    ImageLabels,
    compare_with_iae,
    images_per_emotion,
    quality_by_emotion,
)


def count_section(subject: Subject) -> Section | Absent:
    """How many images there are of each kind."""
    labels = subject.labels
    if len(labels.score) == 0:
        return Absent("no list of images: nothing to count per image")
    high, low = (int((labels.quality == q).sum()) for q in (0, 1))
    lines = [f"images      {len(labels.score):>9,}"]
    if high + low:
        lines += _quality_lines(labels, high, low)
    else:
        lines.append("no aesthetic score and no high/low label")
    table, images = quality_by_emotion(labels), images_per_emotion(labels)
    if images.any():
        lines += ["", *_emotion_lines(labels, table, images)]
    else:
        lines.append("no emotion label and no emotion votes")
    values = {
        "images": len(labels.score), "high": high, "low": low,
        "emotion_by_votes": labels.by_votes, "emotion_offered": labels.offered,
        "without_emotion": dict(labels.dropped),
        "emotions": {
            emotion: {"images": int(n), "high": int(h), "low": int(lo)}
            for emotion, n, (h, lo) in zip(EMOTIONS, images, table, strict=True)
        },
    }  # fmt: skip
    return Section("counts", "Counts", lines, values)


def _quality_lines(labels: ImageLabels, high: int, low: int) -> list[str]:
    by_mean, known = int((~np.isnan(labels.score)).sum()), high + low
    rule = (f"a mean score of {HIGH_THRESHOLD:g} or more of 10 is high" if by_mean == known
            else "by the label" if by_mean == 0 else
            f"{by_mean:,} by their mean score, the others by the label")  # fmt: skip
    lines = [f"  high      {high:>9,}  {percent(high / known):>7}   ({rule})",
             f"  low       {low:>9,}  {percent(low / known):>7}"]  # fmt: skip
    unknown = len(labels.score) - known
    return lines + ([f"  not known {unknown:>9,}"] if unknown else [])


def _emotion_lines(labels: ImageLabels, table: np.ndarray, images: np.ndarray) -> list[str]:
    with_quality = bool(table.any())
    head = f"{'emotion':<13}{'images':>9}{'share':>9}"
    lines = [head + (f"{'high':>9}{'low':>9}{'high share':>12}" if with_quality else "")]
    halves, sums = by_polarity(table), by_polarity(images[:, None])[:, 0]
    names = [*EMOTIONS, "positive", "negative", "all"]
    counts = [*images, *sums, images.sum()]
    cells = [*table, *halves, table.sum(axis=0)]
    for name, count, (high, low) in zip(names, counts, cells, strict=True):
        if name in EMOTIONS and name not in labels.offered:
            lines.append(f"{name:<13}{'not offered to the raters':>27}")
            continue
        line = f"{name:<13}{count:>9,}{percent(count / images.sum()):>9}"
        if with_quality:
            share = high / (high + low) if high + low else float("nan")
            line += f"{high:>9,}{low:>9,}{percent(share):>12}"
        lines.append(line)
        if name == EMOTIONS[-1]:
            lines.append("-" * len(lines[0]))
    return lines + _dropped_lines(labels)


def _dropped_lines(labels: ImageLabels) -> list[str]:
    lines = []
    if labels.by_votes:
        lines.append("The emotion of an image is the one with most votes; votes for neutral are "
                     "ignored, however many.")  # fmt: skip
    texts = {
        TIE: "left out of the table: two or more emotions have equally many votes",
        NO_VOTE: "left out of the table: no vote for any emotion",
        UNLABELLED: "left out of the table: no emotion label and no votes",
    }
    return lines + [f"{images_text(n)} {texts[why]}" for why, n in labels.dropped.items() if n]


def published_section(subject: Subject) -> Section | Absent | None:
    """The published counts of the IAE dataset beside those here; None when not asked for."""
    if not subject.compare_iae:
        return None
    compared = compare_with_iae(subject.labels)
    bars = compared[3:]
    apart = [c for c in bars if not c.agrees]
    lines = [f"{'':<20}{'here':>8}{'published':>11}{'difference':>12}", *map(_compared, compared)]
    lines += ["Totals are printed numbers; bars were read off the published chart, to about 25 "
              "images: as read they sum to "
              f"{sum(c.published for c in bars[::2]):,} high and "
              f"{sum(c.published for c in bars[1::2]):,} low.",
              f"{len(bars) - len(apart)} of {len(bars)} bars agree within that error; the totals "
              f"{'agree' if all(c.agrees for c in compared[:3]) else 'differ'}."]  # fmt: skip
    lines += _text_against_chart(images_per_emotion(subject.labels))
    values = {
        "counts": [
            {**c._asdict(), "difference": c.difference, "agrees": c.agrees} for c in compared
        ],
        "totals_agree": all(c.agrees for c in compared[:3]),
        "bars_agree": len(bars) - len(apart),
    }
    return Section("published", "Against the published counts of the IAE dataset", lines, values)


def _compared(row: Comparison) -> str:
    verdict = "agrees" if row.agrees else "DIFFERS"
    if row.agrees and row.difference:
        verdict = "agrees within the reading error"
    difference = f"{row.difference:+,}" if row.difference else "0"
    return f"{row.what:<20}{row.found:>8,}{row.published:>11,}{difference:>12}  {verdict}"


def _text_against_chart(images: np.ndarray) -> list[str]:
    """The publication contradicts itself; that is no fault of a copy."""
    least = int(images.argmin())
    fewest = min(IAE_BARS, key=lambda emotion: sum(IAE_BARS[emotion]))
    return [
        f"The published text says that every emotion has more than {IAE_EMOTION_MINIMUM:,} images; "
        f"the published chart shows about {sum(IAE_BARS[fewest]):,} of {fewest}. "
        f"Here the fewest are {images[least]:,} of {EMOTIONS[least]}: as in the "
        f"{'text' if images[least] > IAE_EMOTION_MINIMUM else 'chart, not as in the text'}."
    ]
