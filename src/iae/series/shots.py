"""A vector for each photo, such that shots of one scene have a large cosine and others a small one.

Two descriptions are joined, since they err differently: the pooled features of the scorer's own
network, centred and whitened (Jégou & Chum 2012, "Negative evidences and co-occurences in image
retrieval: the benefit of PCA and whitening"), know what is shown, wherever it is; the frequency
descriptor of :mod:`iae.images.similar` knows where light and dark and colours are. Features as they
are serve badly: most of their variance tells kinds of scenes apart, not scenes.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.errors import CheckpointError
from iae.images.similar import describe

Floats = NDArray[np.float32]

DEFAULT_SPACE = Path(__file__).parent.parent / "weights" / "series.npz"
"""Of the model that comes with the package; made by ``benchmarks/series_space.py``."""

COMPOSITION_WEIGHT = 0.5
"""Weight of the cosine of the frequency descriptors against that of the whitened features, 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ShotSpace:
    """How one model's embeddings are centred and whitened."""

    mean: Floats
    """(D,) of embeddings of training photos."""
    projection: Floats
    """(D, K) principal axes of them, each divided by its standard deviation."""
    model: str
    """SHA-256 of the ONNX file whose embeddings it is for."""

    def check_model(self, model: Path) -> None:
        """Refuse a model that it was not made for, as thresholds would mean something else.

        Raises:
            CheckpointError: it is another model.
        """
        found = file_digest(model)
        if found != self.model:
            raise CheckpointError(f"series are not known for the model {model} (SHA-256 "
                                  f"{found[:12]}…, wanted {self.model[:12]}…); leave --model out, "
                                  "or make it a space with benchmarks/series_space.py")  # fmt: skip


def load_space(path: Path = DEFAULT_SPACE) -> ShotSpace:
    """Read a space. No code in it is executed.

    Raises:
        CheckpointError: the file is missing or is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return ShotSpace(
                mean=stored["mean"].astype(np.float32),
                projection=stored["projection"].astype(np.float32),
                model=str(stored["model"]),
            )
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"{path} is no file of benchmarks/series_space.py: {reason}"
        ) from None


def shot_vectors(embeddings: Floats, small: NDArray[np.uint8], space: ShotSpace) -> Floats:
    """(N, D) embeddings and (N, SMALL_BYTES) small copies -> (N, K + 117) vectors of length 1.

    The cosine of two is the weighted mean of the two cosines.

    Args:
        embeddings: ``Prediction.embedding`` of the model that the space is for.
        small: :func:`iae.images.fingerprint.small_copy` of each photo.
        space: of the model.

    Raises:
        ValueError: the embeddings are of another width, or there are not as many small copies.
    """
    if embeddings.ndim != 2 or embeddings.shape[1] != len(space.mean):
        raise ValueError(f"wanted embeddings (N, {len(space.mean)}), got {embeddings.shape}")
    if len(small) != len(embeddings):
        raise ValueError(f"{len(embeddings)} embeddings, but {len(small)} small copies")
    whitened = (embeddings - space.mean) @ space.projection  # (N, K)
    length = np.linalg.norm(whitened, axis=1, keepdims=True)
    whitened = whitened / np.maximum(length, 1e-6)
    composition = describe(small) * np.float32(np.sqrt(COMPOSITION_WEIGHT))
    joined = np.concatenate([whitened, composition], axis=1)
    vectors: Floats = (joined / np.sqrt(1 + COMPOSITION_WEIGHT)).astype(np.float32)
    return vectors


def file_digest(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        CheckpointError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}") from None
