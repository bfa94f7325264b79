"""The figures of reports on ratings and votes."""

from pathlib import Path

import numpy as np

from iae.figures.raters import rater_figure
from iae.figures.style import save_figure
from iae.figures.vote_heatmap import vote_heatmap_figure
from iae.files import written_whole
from iae.ratings.report import RatingReport, VoteReport


def write_pictures(out: Path, ratings: RatingReport | None, votes: VoteReport | None) -> list[Path]:
    """Draw ``raters.png`` and ``votes.png``, of what there is; returns their paths.

    Raises:
        OutputError: one cannot be written.
    """
    drawn = {}
    if ratings is not None and not np.isnan(ratings.model.inconsistency).all():
        given = np.bincount(ratings.ratings.rater, minlength=len(ratings.ratings.raters))
        flagged = ratings.screening.rejected | ratings.keys.always
        drawn["raters.png"] = rater_figure(
            ratings.model.bias, ratings.model.inconsistency, given, flagged
        )
    if votes is not None and not np.isnan(votes.confusion).all():
        totals = votes.votes.counts.sum(axis=0)
        drawn["votes.png"] = vote_heatmap_figure(votes.confusion, votes.votes.emotions, totals)
    paths = []
    for name, figure in drawn.items():
        with written_whole(out / name) as part:
            save_figure(figure, part, "png")
        paths.append(out / name)
    return paths
