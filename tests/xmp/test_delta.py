"""An old version comes back from the new one and little else."""

import random

from hypothesis import given
from hypothesis import strategies as st

from iae.xmp.delta import delta, restore


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_any_version_comes_back_from_any_other(old: bytes, new: bytes):
    assert restore(delta(old, new), new) == old


@given(st.data())
def test_a_version_comes_back_after_cuts_and_moves(data: st.DataObject):
    old = random.Random(data.draw(st.integers(0, 99))).randbytes(20_000)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(old)), min_size=2, max_size=6)))
    pieces = [old[a:b] for a, b in zip([0, *cuts], [*cuts, len(old)], strict=True)]
    new = b"new".join(data.draw(st.permutations(pieces)))
    assert restore(delta(old, new), new) == old


def test_a_photo_with_new_metadata_takes_hundreds_of_bytes():
    pixels = random.Random(0).randbytes(3_000_000)
    old = b"header" * 20 + b"<old packet>" * 30 + pixels
    new = b"header" * 20 + b"<a new and longer packet>" * 200 + pixels
    assert sum(len(part) if isinstance(part, str) else 16 for part in delta(old, new)) < 1000


def test_pixels_that_moved_far_are_found():
    pixels = random.Random(0).randbytes(1_000_000)
    old, new = (
        b"A" * 300 + pixels + b"end of it",
        pixels[500_000:] + b"B" * 10**6 + pixels[:500_000],
    )
    parts = delta(old, new)
    assert restore(parts, new) == old
    assert sum(len(part) for part in parts if isinstance(part, str)) < 2000


def test_a_wholly_different_version_is_kept_whole():
    old, new = random.Random(1).randbytes(300_000), random.Random(2).randbytes(300_000)
    assert restore(delta(old, new), new) == old
