"""Reports on ratings and votes as text for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iae.metrics import Interval
from iae.ratings.report import RatingReport, VoteReport
from iae.stats.counts import NEUTRAL
from iae.text import one_line

_SHOWN = 10

_MEANINGS: Mapping[str, str] = {
    "alpha_nominal": "Krippendorff's alpha, nominal: same score or not",
    "alpha_ordinal": "Krippendorff's alpha, ordinal",
    "alpha_interval": "Krippendorff's alpha, interval",
    "icc1": "ICC(1): one rating, raters differ per image",
    "icc2": "ICC(2,1): one rating, raters at random",
    "icc2k": "ICC(2,k): mean of k ratings",
    "sos_a": "SOS a: 0 all agree, 1 best against worst",
    "srcc_with_others": "SRCC with the mean of the others, mean of raters",
    "plcc_with_others": "PLCC with the mean of the others, mean of raters",
    "inconsistency": "inconsistency (noise), points, mean of raters",
    "bias_sd": "spread of the raters' biases, points",
    "entropy": "entropy of an image's votes, bits, mean",
    "winner_share": "share of the most chosen emotion, mean",
    "ties": "share of images with a tie",
}
_OF_IMAGES = ("alpha_nominal", "alpha_ordinal", "alpha_interval", "icc1", "icc2", "icc2k", "sos_a")
_OF_RATERS = ("bias_sd", "inconsistency", "srcc_with_others", "plcc_with_others")


def format_ratings(report: RatingReport) -> str:
    """The report on single ratings as aligned lines."""
    lines = [*_design(report), "", *_images(report)]
    over = (f"95 % interval over images, {report.draws} draws" if report.draws
            else "no intervals: too many ratings to draw them anew")  # fmt: skip
    lines += ["", f"agreement ({over})", *_figures(report.figures, _OF_IMAGES)]
    icc = report.icc
    lines.append(
        f"  variance of one rating, points²: images {icc.item_variance:.3f}, raters "
        f"{icc.rater_variance:.3f}, rest {icc.rest_variance:.3f}; k = {icc.k:.1f}"
    )
    lines += ["", "raters (95 % interval over raters)", *_figures(report.figures, _OF_RATERS)]
    lines += _raters(report)
    return "\n".join(lines) + "\n"


def _design(report: RatingReport) -> list[str]:
    ratings, items = report.ratings, report.items
    rated = int(np.count_nonzero(items.count))
    raters = int(np.count_nonzero(report.model.panel >= 0))
    worst, best = ratings.scale
    design = "complete: everybody rated everything" if report.complete else (
        f"incomplete: {len(ratings.value) / max(rated * raters, 1):.1%} of all pairs")  # fmt: skip
    lines = [
        f"{len(ratings.value):,} ratings of {rated:,} images by {raters:,} raters "
        f"({design}), given on {worst:g} to {best:g}, shown on 1 to 10",
    ]
    if rated:
        lines.append(f"ratings an image: {_range(items.count[items.count > 0])}")
    if report.repeats:
        lines.append(f"{report.repeats:,} repeats (same rater, same image): the last counts")
    panels = int(report.model.panel.max(initial=-1)) + 1
    if panels > 1:
        lines.append(f"{panels} panels of raters have no image in common: biases compare within "
                     "a panel, and means of images across panels with care")  # fmt: skip
    return lines


def _range(values: NDArray[Any]) -> str:
    low, middle, high = np.quantile(values, (0, 0.5, 1))
    return f"{low:g} to {high:g}, median {middle:g}"


def _images(report: RatingReport) -> list[str]:
    items = report.items
    rated = items.count > 0
    if not rated.any():
        return ["images: none was rated"]
    mean, n = items.mean[rated], int(rated.sum())
    high = int(items.is_high.sum())
    shares = items.level_shares[rated].mean(axis=0)
    lines = [
        "images",
        f"  mean score {mean.mean():.2f}, spread of the means {_sd(mean):.2f}, "
        f"lowest {mean.min():.2f}, highest {mean.max():.2f}",
        f"  high (5 and above) {high:,}, low {n - high:,}; beyond doubt (95 % interval on one "
        f"side of 5) {int(items.is_settled.sum()):,}",
        f"  level shares: bad {shares[0]:.1%}, fair {shares[1]:.1%}, good {shares[2]:.1%}, "
        f"excellent {shares[3]:.1%}",
    ]
    if (items.count > 1).any():
        half = (items.mean_high - items.mean_low) / 2
        lines.insert(2, f"  an image's raters differ by sd {np.nanmean(items.sd):.2f} on average; "
                     f"its mean is known to ± {np.nanmedian(half):.2f} (median)")  # fmt: skip
    return lines


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _figures(figures: Mapping[str, Interval], names: Iterable[str]) -> list[str]:
    lines = []
    for name in names:
        value, low, high = figures[name]
        interval = "" if np.isnan(low) else f"   {low:.3f} – {high:.3f}"
        lines.append(f"  {_MEANINGS[name]:<50}{value:>8.3f}{interval}")
    return lines


def _raters(report: RatingReport) -> list[str]:
    model, names = report.model, report.ratings.raters
    lines = []
    known = np.flatnonzero(~np.isnan(model.bias))
    if len(known):
        order = known[np.argsort(model.bias[known], kind="stable")]
        lines.append(f"  harshest: {_named(names, order[:3], model.bias)}; mildest: "
                     f"{_named(names, order[:-4:-1], model.bias)}")  # fmt: skip
    against = np.flatnonzero(np.nan_to_num(report.others.srcc, nan=1.0) < 0)
    against = against[np.argsort(report.others.srcc[against], kind="stable")]
    screening, keys = report.screening, report.keys
    for title, found, shown in (
        ("rejected by ITU-R BT.500", np.flatnonzero(screening.rejected), None),
        ("who press one key (95 % or more of 10 or more)", np.flatnonzero(keys.always), keys.share),
        ("who rank against the others (SRCC < 0)", against, report.others.srcc),
    ):
        names_shown = _named(names, found[:_SHOWN], shown)
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        lines.append(
            f"  raters {title}: {len(found)}{f': {names_shown}{more}' if len(found) else ''}"
        )
    if not model.converged:
        lines.append(f"  biases had not settled after {model.rounds} rounds: take them with care")
    return lines


def _named(
    names: Sequence[str],
    chosen: NDArray[np.intp],
    value: NDArray[np.float64] | None,
) -> str:
    picked = [(one_line(names[i]), i) for i in chosen]
    return ", ".join(name if value is None else f"{name} ({value[i]:+.2f})" for name, i in picked)


def format_votes(report: VoteReport) -> str:
    """The report on emotion votes as aligned lines."""
    votes, images = report.votes, report.images
    voted = images.votes > 0
    emotions = [emotion for emotion in votes.emotions if emotion != NEUTRAL]
    or_none = " or none" if NEUTRAL in votes.emotions else ""
    lines = [f"{votes.counts.sum():,.0f} votes for {len(emotions)} emotions{or_none} on "
             f"{int(voted.sum()):,} images"]  # fmt: skip
    if voted.any():
        lines.append(f"votes an image: {_range(images.votes[voted])}")
    over = f"95 % interval over images, {report.draws} draws" if report.draws else "no intervals"
    lines += ["", f"agreement ({over})",
              *_figures(report.figures, ("alpha_nominal", "entropy", "winner_share", "ties")),
              f"  (entropy can reach {np.log2(max(len(votes.emotions), 1)):.2f} bits)"]  # fmt: skip
    lines += ["", f"  {'emotion':<13}{'votes':>10}{'share':>9}{'images won':>12}{'confirmed':>11}"]
    for emotion, row in report.emotions.items():
        lines.append(f"  {emotion:<13}{row['votes']:>10,.0f}{row['share']:>9.1%}"
                     f"{row['images_won']:>12,.1f}{row['confirmed']:>11.1%}")  # fmt: skip
    lines += ["  confirmed: a second voter says the same; by chance, the emotion's share",
              "", "confusion: one voter says the row, what does another say of the same image (%)",
              f"  {'':<13}" + "".join(f"{emotion:>12}" for emotion in votes.emotions)]  # fmt: skip
    for emotion, cells in zip(votes.emotions, report.confusion, strict=True):
        lines.append(f"  {emotion:<13}" + "".join(f"{100 * cell:>12.1f}" for cell in cells))
    return "\n".join(lines) + "\n"
