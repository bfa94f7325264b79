"""The sections of pair lists: how far people agree, and whether one ranking explains the shares."""

from dataclasses import asdict

from iae.data.records import SPLITS
from iae.describe.section import Absent, Section, Subject, percent, share_text
from iae.stats.pairs import HumanCeiling, PairStatistics, human_ceiling, pair_statistics
from iae.stats.vote_utilities import VoteFit, vote_fit


def pair_section(subject: Subject) -> Section | None:
    """Each list of pairs by itself."""
    pairs = subject.dataset.pairs
    if not pairs:
        return None  # few data sets have them; nobody misses them in the others
    lists = {
        split or "all": pair_statistics(
            [pair for pair in pairs if pair.split == split], resamples=subject.resamples
        )
        for split in (*SPLITS, None)
        if any(pair.split == split for pair in pairs)
    }
    lines = [line for name, found in lists.items() for line in _list_lines(name, found)]
    return Section(
        "pairs", "Pairs of a series", lines[:-1], {k: asdict(v) for k, v in lists.items()}
    )


def vote_section(subject: Subject) -> Section | Absent | None:
    """The raw votes on pairs."""
    votes = subject.dataset.pair_votes
    if not any(pair.votes_a + pair.votes_b for pair in votes):
        return Absent("no raw votes on the pairs") if subject.dataset.pairs else None
    ceiling = human_ceiling(votes, resamples=subject.resamples)
    fit = vote_fit(votes, subject.dataset.pairs)
    return Section("human_ceiling", "How often one vote agrees with the others on its pair",
                   _ceiling_lines(ceiling) + ([] if fit is None else _fit_lines(fit)),
                   {**asdict(ceiling), "fit": None if fit is None else asdict(fit)})  # fmt: skip


def _list_lines(name: str, found: PairStatistics) -> list[str]:
    lines = [
        f"{name}: {found.pairs:,} pairs in {found.series:,} series, {found.ties} of them ties",
        f"  mean majority share           {share_text(found.majority_share)}",
        f"  first photo of a pair better  {percent(found.first_preferred)}",
        f"  best of a series, by chance   {percent(found.chance_top1)}",
        f"  best of a series, the first   {percent(found.first_top1)}",
        f"  share against ranks           {found.contradictions} pairs contradict, ties apart",
    ]
    if found.misfit is not None:
        fit = found.misfit
        lines += [
            f"  Bradley-Terry, {fit.series:,} series of three photos or more, {fit.pairs:,} pairs:",
            f"    shares given back within    .003 in {percent(fit.within_003)}, "
            f"within {fit.largest:.4f} everywhere",
            f"    published ranks given back  in {fit.same_order:,} of {fit.series:,} series "
            f"({fit.tied} with tied photos, in any order)",
        ]
    return [*lines, ""]


def _fit_lines(fit: VoteFit) -> list[str]:
    lines = [
        f"Bradley-Terry on the votes (maximum likelihood), {fit.series:,} series of three photos "
        f"or more, {fit.pairs:,} pairs:",
        f"  chi-squared for each degree of freedom  {fit.misfit:.2f} (1: one utility a photo "
        "explains all but chance)",
    ]
    if fit.listed:
        lines.append(f"  utilities, in order, against the lists  r = {fit.correlation:.3f} in "
                     f"{fit.listed:,} series (of strangers: {fit.of_strangers:.3f})")  # fmt: skip
    return lines


def _ceiling_lines(ceiling: HumanCeiling) -> list[str]:
    return [
        f"{ceiling.votes:,} votes on {ceiling.pairs:,} pairs; "
        "each against the majority of the pair's other votes",
        f"  ties among the others count half  {share_text(ceiling.ties_half)}",
        f"  ties left out                     {share_text(ceiling.ties_dropped)}",
        "No prediction of single votes can be right much more often. Intervals draw whole series.",
    ]
