"""The section of the claim "positive emotions come with high quality"."""

import math
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from iae.data.published import IAE_BARS
from iae.describe.section import (
    Absent,
    Section,
    Subject,
    images_text,
    interval_text,
    percent,
    share_text,
)
from iae.labels import EMOTIONS
from iae.stats.association import (
    PolarityClaim,
    ScoreMeans,
    by_polarity,
    odds_ratio,
    polarity_claim,
    score_means,
)
from iae.stats.counts import TIE, ImageLabels, quality_by_emotion


def claim_section(subject: Subject) -> Section | Absent:
    """The 2×2 table of polarity and quality, and what follows from it."""
    labels = subject.labels
    if not ((labels.emotion >= 0) & (labels.quality >= 0)).any():
        return Absent("no image has both an emotion and an aesthetic quality: the claim that "
                      "positive emotions come with high quality cannot be looked at")  # fmt: skip
    claim = polarity_claim(labels, resamples=subject.resamples, seed=subject.seed)
    lines = [_in_words(claim), "", *_table(claim), *_figures(claim), ""]
    lines += _per_emotion(claim, labels.offered)
    values = asdict(claim) | {"direction": claim.direction}
    if ((labels.emotion >= 0) & ~np.isnan(labels.score)).any():
        means = score_means(labels, resamples=subject.resamples, seed=subject.seed)
        lines += ["", *_means(means, labels.offered)]
        values["score_means"] = asdict(means)
    lines += _left_out(labels)
    values["without_mostly_neutral"] = _halves_without_neutral(labels).tolist()
    return Section("claim", "Do positive emotions come with high quality?", lines, values)


def _halves_without_neutral(labels: ImageLabels) -> NDArray[np.int64]:
    """The 2×2 table of the images for which no more people chose neutral than the emotion."""
    return by_polarity(quality_by_emotion(labels, labels.mostly_neutral))


def _left_out(labels: ImageLabels) -> list[str]:
    lines = []
    if labels.dropped[TIE]:
        lines.append(f"Left out: {images_text(labels.dropped[TIE])} with a tie between emotions.")
    neutral = int((labels.mostly_neutral & (labels.emotion >= 0)).sum())
    if neutral:
        halves = _halves_without_neutral(labels)
        shares = [percent(high / total) if (total := high + low) else "–" for high, low in halves]
        lines.append(
            f"Without {images_text(neutral)} with more votes for neutral than for the emotion: "
            f"{shares[0]} of {halves[0].sum():,} positive and {shares[1]} of "
            f"{halves[1].sum():,} negative images are high, odds ratio "
            f"{float(odds_ratio(halves)):.1f}."
        )
    return lines


def _in_words(claim: PolarityClaim) -> str:
    positive, negative = (claim.high_shares[p].value for p in ("positive", "negative"))
    if math.isnan(claim.difference.value):
        missing = "negative" if math.isnan(negative) else "positive"
        return f"No image of known quality has a {missing} emotion: nothing to compare."
    shares = f"{percent(positive)} of them are high, against {percent(negative)}"
    if claim.direction == "unclear":
        return ("Unclear: images of positive emotions are high about as often as those of negative "
                f"ones ({shares}; the interval of the difference holds 0).")  # fmt: skip
    agrees = "Yes" if claim.direction == "more" else "No, the reverse"
    return (f"{agrees}: images of positive emotions are {claim.direction} often of high quality "
            f"than those of negative ones ({shares}).")  # fmt: skip


def _table(claim: PolarityClaim) -> list[str]:
    lines = [f"{'':<10}{'high':>9}{'low':>9}   high share, 95 % interval"]
    for polarity, (high, low) in zip(("positive", "negative"), claim.table, strict=True):
        lines.append(
            f"{polarity:<10}{high:>9,}{low:>9,}   {share_text(claim.high_shares[polarity])}"
        )
    return lines


def _figures(claim: PolarityClaim) -> list[str]:
    published = np.array(list(IAE_BARS.values()))
    halves = by_polarity(published)
    shares = halves[:, 0] / halves.sum(axis=1)
    kind = "whole groups drawn" if claim.grouped else "images drawn"
    return [
        f"difference  {share_text(claim.difference).replace(' %', '')} percentage points",
        f"odds ratio  {interval_text(claim.odds_ratio, 2)} by bootstrap ({kind}), "
        f"[{claim.odds_ratio_wald.low:.2f}, {claim.odds_ratio_wald.high:.2f}] by Wald's formula"
        + (", which ignores groups" if claim.grouped else ""),
        f"phi         {interval_text(claim.phi)}",
        f"In the published chart of the IAE dataset: {percent(shares[0])} against "
        f"{percent(shares[1])}, odds ratio {float(odds_ratio(halves)):.1f}.",
    ]


def _per_emotion(claim: PolarityClaim, offered: tuple[str, ...]) -> list[str]:
    method = "bootstrap over whole groups" if claim.grouped else "Wilson"
    return [f"{'emotion':<13}high share, 95 % interval ({method})"] + [
        f"{emotion:<13}{share_text(claim.emotions[emotion])}"
        for emotion in EMOTIONS if emotion in offered
    ]  # fmt: skip


def _means(means: ScoreMeans, offered: tuple[str, ...]) -> list[str]:
    rows = {emotion: means.emotions[emotion] for emotion in EMOTIONS if emotion in offered}
    rows |= {**means.polarities, "difference": means.difference}
    return [f"{'emotion':<13}mean score, 95 % bootstrap interval"] + [
        f"{name:<13}{interval_text(interval, 2)}" for name, interval in rows.items()
    ]
