"""Who judges pairs: a pair network, a scorer by the difference of its scores, or a simple rule."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from iae.data.pair_set import PairSet
from iae.errors import ImageError
from iae.evaluate.model import open_model
from iae.evaluate.pair_report import Opinion
from iae.images.decode import decode_photo
from iae.images.preprocess import Pixels, PreprocessSpec, load_pixels
from iae.images.technical import MEASURED_SIDE, TechnicalFacts, technical_facts
from iae.metrics import level_mean
from iae.train.pairs.kind import is_pair_model

Progress = Callable[[str, int, int], None]
Found = TypeVar("Found")

_BATCH = 64

RULES: dict[str, Callable[[TechnicalFacts], float]] = {
    "sharpest": lambda facts: facts.sharpness,
    "most contrast": lambda facts: facts.contrast,
    "most colourful": lambda facts: facts.colourfulness,
    "least extreme exposure": lambda facts: -abs(facts.brightness - 0.5),
}
"""Name -> utility of a photo."""


@dataclass(frozen=True)
class Judge:
    """A model that gives photos utilities."""

    name: str
    preprocess: PreprocessSpec
    predict: Callable[[Pixels], NDArray[np.float64]]
    """(N, H, W, 3) uint8 -> (N, 2), as the first and as the second photo of a pair."""
    is_probability: bool
    """Whether differences are log-odds of a preference."""


def open_judge(path: Path) -> Judge:
    """Open a pair network's folder, or a scorer: an ``.onnx`` file or a joint checkpoint.

    Raises:
        CheckpointError: it is none of them.
    """
    if is_pair_model(path):
        return _open_pair_network(path)
    scorer = open_model(path)

    def scores(pixels: Pixels) -> NDArray[np.float64]:
        levels, _ = scorer.predict(pixels)
        return np.repeat(level_mean(levels)[:, None], 2, axis=1)

    name = f"difference of aesthetic scores, {scorer.description}"
    return Judge(name, scorer.preprocess, scores, is_probability=False)


def _open_pair_network(path: Path) -> Judge:
    from iae.train.pairs.checkpoint import load_pair_model
    from iae.train.pairs.predict import predict_utilities

    net, record = load_pair_model(path)
    branch = "" if record.model.branch == "shared" else f", {record.model.branch}"
    name = f"{path} ({record.model.head} on {record.model.backbone}{branch}, torch)"
    return Judge(name, record.preprocess, lambda pixels: predict_utilities(net, pixels),
                 is_probability=True)  # fmt: skip


def judge_pairs(
    judge: Judge, pairs: PairSet, *, progress: Progress = lambda what, done, total: None
) -> tuple[PairSet, list[Opinion]]:
    """What the judge, and after it each rule, thinks of the photos that can be read.

    Returns:
        The pairs of readable photos, and the opinions on their photos.

    Raises:
        DataError: no pair is left.
    """
    facts = _each(pairs.paths, _facts, lambda k, n: progress("measuring", k, n))
    unreadable = {name: str(one) for name, one in zip(pairs.photos, facts, strict=True)
                  if isinstance(one, ImageError)}  # fmt: skip
    known = dict(zip(pairs.photos, facts, strict=True))
    kept = pairs.without(unreadable) if unreadable else pairs
    opinions = [Opinion(name=judge.name, utilities=_predicted(judge, kept, progress),
                        is_probability=judge.is_probability)]  # fmt: skip
    for name, rule in RULES.items():
        values = [rule(one) for photo in kept.photos
                  if isinstance(one := known[photo], TechnicalFacts)]  # fmt: skip
        opinions.append(Opinion(name=name, utilities=np.repeat(np.array(values)[:, None], 2, 1)))
    return kept, opinions


def _predicted(judge: Judge, pairs: PairSet, progress: Progress) -> NDArray[np.float64]:
    found = []
    for start in range(0, len(pairs.paths), _BATCH):
        paths = pairs.paths[start : start + _BATCH]
        with ThreadPoolExecutor(2) as pool:
            pixels = list(pool.map(lambda path: load_pixels(path, judge.preprocess), paths))
        found.append(judge.predict(np.stack(pixels)))
        progress("predicting", start + len(paths), len(pairs.paths))
    return np.concatenate(found)


def _facts(path: Path) -> TechnicalFacts | ImageError:
    try:
        return technical_facts(decode_photo(path, min_side=MEASURED_SIDE))
    except ImageError as error:
        return error


def _each(
    paths: Sequence[Path], work: Callable[[Path], Found], progress: Callable[[int, int], None]
) -> list[Found]:
    found = []
    with ThreadPoolExecutor(2) as pool:
        for k, one in enumerate(pool.map(work, paths), 1):
            found.append(one)
            progress(k, len(paths))
    return found
