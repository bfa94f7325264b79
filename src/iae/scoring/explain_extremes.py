"""Heat maps of the best and the worst photos of a library, into a folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from iae.errors import ImageError
from iae.scoring.explain import explain_photo
from iae.scoring.heat_picture import write_explanation
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore

FOLDER = "explain"
"""Of the pictures, inside the folder of the results."""


def explain_extremes(
    out: Path,
    photos: Sequence[tuple[PhotoScore, Path]],
    scorer: Scorer,
    count: int,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path | ImageError]:
    """Write ``out/explain/best-01.png`` … and ``worst-01.png`` …, of ``count`` photos each.

    Pictures of an earlier run beyond those are removed: they may be of photos that are gone.

    Args:
        out: the folder of the results.
        photos: what was said of each photo, and its file; unreadable ones are passed over. Of
            equal scores, the path decides.
        scorer: the model they were scored with.
        count: how many of the best and of the worst; no photo is taken twice, so that of few
            photos there are fewer worst ones.
        progress: called after each picture with (pictures done, pictures in all).

    Returns:
        For each, best first and worst first, the picture or why the photo can no longer be read.

    Raises:
        OutputError: a picture cannot be written.
    """
    chosen = _extremes(photos, count)
    written: list[Path | ImageError] = []
    for name, score, path in chosen:
        target = out / FOLDER / name
        try:
            write_explanation(target, explain_photo(scorer, path), name=score.path)
            written.append(target)
        except ImageError as error:
            written.append(error)
        progress(len(written), len(chosen))
    for old in (*(out / FOLDER).glob("best-*.png"), *(out / FOLDER).glob("worst-*.png")):
        if old not in written:
            old.unlink(missing_ok=True)
    return written


def _extremes(
    photos: Sequence[tuple[PhotoScore, Path]], count: int
) -> list[tuple[str, PhotoScore, Path]]:
    """Name of the picture, score and file: the best, best first, then the worst, worst first."""
    scored = [
        (score.aesthetic_mean, score.path, score, path)
        for score, path in photos
        if score.aesthetic_mean is not None
    ]
    ranked = [photo[2:] for photo in sorted(scored, key=lambda photo: (-photo[0], photo[1]))]
    best, rest = ranked[:count], ranked[count:]
    worst = rest[::-1][:count]
    return [
        (f"{word}-{rank:02}.png", *photo)
        for word, group in (("best", best), ("worst", worst))
        for rank, photo in enumerate(group, 1)
    ]
