"""Which of many pictures are the same one: candidates by frequency, decided on small copies.

Candidates are found by a descriptor of low spatial frequencies (the two-dimensional DCT of
perceptual hashes, see Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
Functions", but kept as real numbers): the cosine of two descriptors, for all pairs, is one matrix
product. The mean absolute difference of the small copies of :mod:`iae.images.fingerprint` decides.
A mirrored picture needs no second decoding: mirroring turns the sign of the odd horizontal terms.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.images.fingerprint import CHROMA_SIDE, LUMA_SIDE

Floats = NDArray[np.float32]

_LUMA_TERMS, _CHROMA_TERMS = 10, 3
"""DCT terms a side that are kept of brightness and of each colour channel."""

_BLOCK = 2048
"""Rows of the all-pairs product held at a time (a block of 22,000 columns: 180 MB)."""

MIN_COSINE = 0.9
"""Pairs below are not looked at a second time; of real copies only grey ones of pictures that were
mostly colour lay below, one in a hundred."""

MAX_DIFFERENCE = 3.0
"""Largest mean absolute difference in grey levels between two small copies of one picture.

Looked at by eye on 17,405 photographs of FI-8: of the 25 pairs within 3.0, fifteen are one picture
(recompressed, in colour and grey, with and without a caption) and ten are shots by a camera that
did not move; none is of two things. On 14,000 of PARA all 249 pairs are one picture. Of copies
of 318 photographs at JPEG quality 20, a third of the size, 64 pixels wide, in grey, mirrored, with
256 colours, at least 99 % of each kind are found; of crops by 1 % a third."""

MAX_RELATIVE = 0.1
"""The same, relative to the contrast (standard deviation) of the picture: fog looks like fog."""

IDENTICAL_DIFFERENCE = 1.2
"""Within this, pictures differ by compression alone (JPEG quality 20: at most 1.1 for 95 % of
photographs)."""


class SamePicture(NamedTuple):
    """Two pictures that are the same one."""

    a: int
    b: int
    """Their places, a < b."""
    difference: float
    """Mean absolute difference of their small copies, in grey levels."""
    mirrored: bool


def same_pictures(
    small: NDArray[np.uint8], *, max_difference: float = MAX_DIFFERENCE
) -> list[SamePicture]:
    """Every pair of pictures that are the same one: resized, recompressed or mirrored.

    Quadratic in time (22,000 pictures: seconds), linear in memory plus the pairs that are found.

    Args:
        small: (N, SMALL_BYTES) small copies of fingerprints. Pictures of a single colour are alike
            whatever they were: leave them out.
        max_difference: largest mean absolute difference in grey levels.

    Returns:
        Pairs a < b in ascending order, none twice; of a picture that is its own mirror image the
        better of the two ways round.
    """
    if len(small) < 2:
        return []
    found: dict[tuple[int, int], SamePicture] = {}
    descriptors = describe(small)
    for mirrored in (False, True):
        for a, b in _candidates(descriptors, mirrored=mirrored):
            for pair in _verified(small, a, b, mirrored, max_difference):
                known = found.get(pair[:2])
                if known is None or pair.difference < known.difference:
                    found[pair[:2]] = pair
    return [found[key] for key in sorted(found)]


def describe(small: NDArray[np.uint8]) -> Floats:
    """(N, D) descriptors of length 1; a picture without any structure has a zero one.

    The mean brightness is left out; each term is weighted with its frequency, since the spectrum of
    photographs falls as fast as frequency rises, and would be all lowest terms otherwise.
    """
    luma, chroma = _channels(small)
    terms = [
        _weighted(_dct(luma, _LUMA_TERMS))[:, 1:],  # without the mean
        *(_weighted(_dct(c, _CHROMA_TERMS)) for c in chroma),
    ]
    joined = np.concatenate(terms, axis=1)
    length = np.linalg.norm(joined, axis=1, keepdims=True)
    described: Floats = (joined / np.maximum(length, 1e-6)).astype(np.float32)
    return described


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8], *, mirrored: bool) -> Floats:
    """(N,) mean absolute difference of small copies in brightness, b turned round if mirrored."""
    (luma_a, _), (luma_b, _) = _channels(a), _channels(b)
    luma_b = luma_b[:, :, ::-1] if mirrored else luma_b
    mean: Floats = np.abs(luma_a - luma_b).mean(axis=(1, 2))
    return mean


def _channels(small: NDArray[np.uint8]) -> tuple[Floats, list[Floats]]:
    """(N, 32, 32) brightness; Cb and Cr as (N, 8, 8), 0 for grey."""
    split = LUMA_SIDE**2
    values = small.astype(np.float32)
    luma = values[:, :split].reshape(-1, LUMA_SIDE, LUMA_SIDE)
    chroma = values[:, split:].reshape(-1, 2, CHROMA_SIDE, CHROMA_SIDE) - 128
    return luma, [chroma[:, 0], chroma[:, 1]]


def _dct(planes: Floats, terms: int) -> Floats:
    """(N, S, S) -> (N, terms, terms): the lowest terms of the orthonormal DCT-II."""
    side = planes.shape[1]
    k, x = np.arange(terms)[:, None], np.arange(side)[None]
    basis = np.cos(np.pi * k * (2 * x + 1) / (2 * side)) * np.sqrt(2 / side)
    basis[0] /= np.sqrt(2)
    basis = basis.astype(np.float32)
    product: Floats = basis @ planes @ basis.T / side
    return product


def _weighted(terms: Floats) -> Floats:
    """(N, K, K) -> (N, K·K), each term times its frequency (the mean: once)."""
    k = np.arange(terms.shape[1])
    frequency = np.maximum(np.hypot(k[:, None], k[None]), 1).astype(np.float32)
    weighted: Floats = (terms * frequency).reshape(len(terms), -1)
    return weighted


def _mirror_signs() -> Floats:
    """(D,) what mirroring multiplies the terms of a descriptor with."""
    luma = np.tile((-1.0) ** np.arange(_LUMA_TERMS), (_LUMA_TERMS, 1)).ravel()[1:]
    chroma = np.tile((-1.0) ** np.arange(_CHROMA_TERMS), (_CHROMA_TERMS, 1)).ravel()
    return np.concatenate([luma, chroma, chroma]).astype(np.float32)


def _candidates(
    descriptors: Floats, *, mirrored: bool
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Index arrays a < b of pairs whose cosine reaches ``MIN_COSINE``, a block at a time."""
    others = descriptors * _mirror_signs() if mirrored else descriptors
    for start in range(0, len(descriptors), _BLOCK):
        cosines = descriptors[start : start + _BLOCK] @ others[start:].T
        a, b = np.nonzero(cosines >= MIN_COSINE)
        above = a < b  # both count from `start`
        yield a[above] + start, b[above] + start


def _verified(
    small: NDArray[np.uint8],
    a: NDArray[np.intp],
    b: NDArray[np.intp],
    mirrored: bool,
    max_difference: float,
) -> Iterator[SamePicture]:
    for start in range(0, len(a), _BLOCK):
        part_a, part_b = a[start : start + _BLOCK], b[start : start + _BLOCK]
        gaps = difference(small[part_a], small[part_b], mirrored=mirrored)
        contrast = small[part_a, : LUMA_SIDE**2].std(axis=1)
        same = (gaps <= max_difference) & (gaps <= MAX_RELATIVE * contrast)
        for i in np.flatnonzero(same):
            yield SamePicture(int(part_a[i]), int(part_b[i]), float(gaps[i]), mirrored)
