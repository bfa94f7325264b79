"""HDF5 files of the IAE releases, with one clear line for each way in which they can be wrong.

h5py comes with the extra ``data``; it is imported where a file is opened, not with this module.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iae.errors import DataError, IaeError

SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextmanager
def open_hdf5(path: Path) -> Iterator[Any]:
    """The open ``h5py.File``, read only.

    Raises:
        DataError: there is no such file, it is no HDF5 file, or a part of it is missing; also when
            this shows only while it is read.
    """
    import h5py

    if not path.is_file():
        raise DataError(f"there is no {path}")
    try:
        # Locks fail on many network and read-only file systems, and we only read.
        with h5py.File(path, "r", locking="best-effort") as file:
            yield file
    except IaeError:
        raise
    except Exception as error:  # h5py meets damaged bytes with any kind; which one is chance
        raise DataError(f"cannot read {path} as HDF5: {_reason(error)}; compare its size with the "
                        "source's and copy it again")  from None  # fmt: skip


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if "truncated" in text:
        return f"its end is missing ({text[text.find('truncated') :].rstrip(')')})"
    if "signature" in text:
        return "it is no HDF5 file"
    return text[:200]


def get_dataset(file: Any, key: str, wanted: str) -> Any:
    """The ``h5py.Dataset`` of this name.

    Raises:
        DataError: there is none; the text names the keys that are there and ``wanted``.
    """
    import h5py

    dataset = file.get(key)
    if not isinstance(dataset, h5py.Dataset):
        found = sorted(map(str, file))
        shown = ", ".join(found[:8]) + (" …" if len(found) > 8 else "")
        raise DataError(f"{file.filename}: has the keys {shown or '(none)'}, wanted {wanted}")
    return dataset


def read_columns(file: Any, key: str, widths: tuple[int, ...], wanted: str) -> NDArray[np.float64]:
    """(N, W) numbers, W one of ``widths``; a matrix stored as (W, N), as MATLAB does, is turned.

    Raises:
        DataError: the key is missing, or the shape or type is another.
    """
    dataset = get_dataset(file, key, wanted)
    if dataset.dtype.kind not in "biuf":
        raise DataError(f"{file.filename}: '{key}' holds {dataset.dtype}, wanted numbers")
    shape = dataset.shape
    if not shape or len(shape) != 2 or not {*shape} & {*widths} or 0 in shape:
        sizes = " or ".join(f"(N, {width})" for width in widths)
        raise DataError(f"{file.filename}: '{key}' has the shape {shape}, wanted {sizes}")
    matrix = np.asarray(dataset[()], dtype=np.float64)
    return matrix if shape[1] in widths else matrix.T.copy()
