"""The section of scores: how far they are from a Gaussian."""

from dataclasses import asdict

import numpy as np

from iae.describe.section import Absent, Section, Subject, interval_text
from iae.stats.association import renumbered
from iae.stats.distribution import MIN_SCORES, GaussianFit, gaussian_fit, score_step


def score_section(subject: Subject) -> Section | Absent:
    """The Gaussian fit of the mean scores, with its caveats."""
    labels = subject.labels
    scored = ~np.isnan(labels.score)
    scores = labels.score[scored]
    if not len(scores):
        return Absent("no aesthetic scores: no distribution of scores, no Gaussian fit")
    if len(scores) < MIN_SCORES or scores.min() == scores.max():
        return Absent(f"{len(scores)} aesthetic scores, {len(np.unique(scores))} of them "
                      f"different: a Gaussian fit wants {MIN_SCORES}, not all equal")  # fmt: skip
    fit = gaussian_fit(
        scores, groups=renumbered(labels.groups, scored),
        resamples=subject.resamples, seed=subject.seed,
    )  # fmt: skip
    step = score_step(scores)
    return Section("scores", "Scores and their Gaussian fit", _lines(fit, step),
                   {**asdict(fit), "step": step})  # fmt: skip


def _lines(fit: GaussianFit, step: float | None) -> list[str]:
    lines = [
        f"scores      {fit.scores:,}, {fit.distinct:,} of them distinct"
        + (f", most of them in steps of {step:.4g}" if step else ""),
        f"mean        {fit.mean:.3f}   (scores in [1, 10])",
        f"sd          {fit.sd:.3f}",
        f"skewness    {fit.skewness:+.3f}   (0 for a Gaussian; negative: a longer tail to the low "
        "side)",
        f"kurtosis    {fit.kurtosis:+.3f}   (excess, 0 for a Gaussian; positive: heavier tails)",
        "largest gap between the CDFs, that is, share of images misplaced by the Gaussian:",
        f"  between steps        {interval_text(fit.gap, 4)}   the effect size: "
        f"{100 * fit.gap.value:.1f} % at most",
        f"  KS D, steps included {interval_text(fit.ks, 4)}   "
        f"{_verdict(fit.ks.value, fit.ks_critical)}",
        f"Anderson-Darling A²    {fit.anderson:.2f}   "
        f"{_verdict(fit.anderson, fit.anderson_critical)}",
    ]  # fmt: skip
    return lines + [f"* {caveat}" for caveat in _caveats(fit)]


def _verdict(statistic: float, critical: tuple[float, float]) -> str:
    if statistic > critical[1]:
        return f"rejected at 1 % (critical value {critical[1]:.3g})"
    if statistic > critical[0]:
        return f"rejected at 5 % (critical value {critical[0]:.3g}), not at 1 %"
    return f"not rejected at 5 % (critical value {critical[0]:.3g})"


def _caveats(fit: GaussianFit) -> list[str]:
    caveats = [
        "Mean and sd are estimated from the same scores, so the critical values are those of "
        "Lilliefors (KS) and of Stephens' case 3 (A²), not those of a Gaussian known beforehand."
    ]
    if fit.scores >= 2000:
        caveats.append(
            f"With {fit.scores:,} scores a gap of {fit.ks_critical[0]:.4f} is already significant: "
            "rejection says that there are many images, the size of the gap says how good the "
            "Gaussian is."
        )
    if fit.ks.value > 1.5 * fit.gap.value:
        caveats.append(
            f"The scores are means of few ratings and take {fit.distinct:,} values only: KS and A² "
            "count these steps as deviation, the gap between steps does not."
        )
    caveats.append(
        "Scores are bounded to [1, 10], a Gaussian is not; intervals are 95 % bootstrap intervals, "
        f"and a drawn gap is larger than a true one by about {0.5 / fit.scores**0.5:.4f}."
    )
    return caveats
