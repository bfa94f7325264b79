"""Ratings and votes become figures with intervals. Opens no file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iae.data.ratings import Ratings
from iae.metrics import Interval
from iae.ratings.open import Votes
from iae.stats.agreement import LEVELS_OF_MEASUREMENT, krippendorff_alpha, weighted_alpha
from iae.stats.dot import dot
from iae.stats.emotion_votes import VoteStatistics, confusion, vote_statistics
from iae.stats.icc import Icc, VarianceSums
from iae.stats.items import ItemStatistics, item_statistics
from iae.stats.leave_one_out import LeaveOneOut, leave_one_out
from iae.stats.raters import RaterModel, rater_model
from iae.stats.rating_design import is_complete, without_repeats
from iae.stats.screening import Bt500, KeyUse, key_use, screen_bt500
from iae.stats.sos import sos_parameter
from iae.stats.value_counts import counted, value_counts
from iae.stats.weighted_bootstrap import weighted_bootstrap

Say = Callable[[str], None]
"""Told what is being done now."""

_AFFORDABLE = 100_000_000
"""Ratings that the bootstrap goes through in all: a few seconds."""
_FEWEST_DRAWS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class RatingReport:
    """What single ratings say."""

    ratings: Ratings
    """Without repeats; sorted by item and rater."""
    repeats: int
    """Ratings left out because the same rater rated the same item again later."""
    complete: bool
    """Whether every rater rated every item."""
    items: ItemStatistics
    model: RaterModel
    others: LeaveOneOut
    screening: Bt500
    keys: KeyUse
    icc: Icc
    figures: Mapping[str, Interval]
    """Figures of the whole, by name; see ``docs/formats.md``."""
    draws: int
    """Bootstrap draws of images; 0 when there are too many ratings for any."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VoteReport:
    """What votes on emotions say."""

    votes: Votes
    images: VoteStatistics
    confusion: NDArray[np.float64]
    figures: Mapping[str, Interval]
    draws: int
    emotions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Emotion -> votes, share of votes, images won (ties count in parts), confirmation."""


def affordable_draws(ratings: int, wanted: int) -> int:
    """Bootstrap draws for so many ratings: fewer for many, none below a hundred."""
    draws = min(wanted, _AFFORDABLE // max(ratings, 1))
    return draws if draws >= _FEWEST_DRAWS else 0


def report_ratings(
    ratings: Ratings, *, resamples: int = 1000, say: Say = lambda _: None
) -> RatingReport:
    """All statistics of single ratings.

    Args:
        ratings: may have gaps and repeats; of a rater's repeats on an item the last counts.
        resamples: bootstrap draws; fewer are taken of large sets, see ``affordable_draws``.
        say: told each step.
    """
    say("sorting the ratings")
    ratings, repeats = without_repeats(ratings)
    say("images")
    items = item_statistics(ratings)
    say("raters: bias and inconsistency")
    model = rater_model(ratings)
    say("raters: agreement with the others")
    others = leave_one_out(ratings)
    say("raters: screening")
    screening, keys = screen_bt500(ratings, items), key_use(ratings)
    say("agreement")
    draws = affordable_draws(len(ratings.value), resamples)
    icc, figures = _agreement(ratings, items, draws)
    figures |= _of_raters(model, others, resamples)
    return RatingReport(
        ratings=ratings, repeats=repeats, complete=is_complete(ratings), items=items, model=model,
        others=others, screening=screening, keys=keys, icc=icc, figures=figures, draws=draws,
    )  # fmt: skip


def _agreement(
    ratings: Ratings, items: ItemStatistics, draws: int
) -> tuple[Icc, dict[str, Interval]]:
    """Figures with intervals over images: raters stay the same, images are drawn anew."""
    counts = value_counts(ratings.item, ratings.value, len(ratings.items))
    sums = VarianceSums(ratings)

    def figures(weight: NDArray[np.float64]) -> dict[str, float]:
        alphas = {
            f"alpha_{level}": weighted_alpha(counts, level, weight)
            for level in LEVELS_OF_MEASUREMENT
        }
        icc = sums.icc(weight)
        return {**alphas, "icc1": icc.icc1, "icc2": icc.icc2, "icc2k": icc.icc2k,
                "sos_a": sos_parameter(items, weight)}  # fmt: skip

    found = weighted_bootstrap(figures, len(ratings.items), resamples=draws)
    for level in LEVELS_OF_MEASUREMENT:
        name = f"alpha_{level}"
        found[name] = found[name]._replace(value=krippendorff_alpha(counts, level))
    return sums.icc(), found


def _of_raters(model: RaterModel, others: LeaveOneOut, draws: int) -> dict[str, Interval]:
    """Means over raters, with intervals over raters."""
    columns = {"srcc_with_others": others.srcc, "plcc_with_others": others.plcc,
               "inconsistency": model.inconsistency}  # fmt: skip

    def figures(weight: NDArray[np.float64]) -> dict[str, float]:
        means = {name: _mean(values, weight) for name, values in columns.items()}
        spread = _mean(model.bias**2, weight) - _mean(model.bias, weight) ** 2
        return {**means, "bias_sd": float(np.sqrt(max(spread, 0.0)))}

    raters = len(model.bias)
    return weighted_bootstrap(figures, raters, resamples=affordable_draws(raters, draws))


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    known = ~np.isnan(values)
    total = weight[known].sum()
    return dot(weight[known], values[known]) / float(total) if total else float("nan")


def report_votes(votes: Votes, *, resamples: int = 1000) -> VoteReport:
    """All statistics of emotion votes. Alpha is NaN where votes are no whole numbers."""
    images, matrix = vote_statistics(votes.counts), confusion(votes.counts)
    counts = counted(votes.counts)
    whole = bool((votes.counts == np.round(votes.counts)).all())

    def figures(weight: NDArray[np.float64]) -> dict[str, float]:
        return {
            "alpha_nominal": weighted_alpha(counts, "nominal", weight) if whole else float("nan"),
            "entropy": _mean(images.entropy, weight),
            "winner_share": _mean(images.winner_share, weight),
            "ties": _mean(np.where(images.votes > 0, images.is_tie, np.nan), weight),
        }

    draws = affordable_draws(votes.counts.size, resamples)
    found = weighted_bootstrap(figures, len(votes.images), resamples=draws)
    if whole:
        alpha = krippendorff_alpha(counts, "nominal")
        found["alpha_nominal"] = found["alpha_nominal"]._replace(value=alpha)
    return VoteReport(votes=votes, images=images, confusion=matrix, figures=found, draws=draws,
                      emotions=_per_emotion(votes, matrix))  # fmt: skip


def _per_emotion(votes: Votes, matrix: NDArray[np.float64]) -> dict[str, Mapping[str, float]]:
    total = votes.counts.sum()
    most = votes.counts.max(axis=1, initial=0.0, keepdims=True)
    wins = (votes.counts == most) & (most > 0)
    won = (wins / np.maximum(wins.sum(axis=1, keepdims=True), 1)).sum(axis=0)
    return {
        emotion: {
            "votes": float(votes.counts[:, k].sum()),
            "share": float(votes.counts[:, k].sum() / total) if total else float("nan"),
            "images_won": float(won[k]),
            "confirmed": float(matrix[k, k]),
        }
        for k, emotion in enumerate(votes.emotions)
    }
