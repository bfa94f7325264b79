"""Pictures that are rows of an HDF5 dataset: one row is read when one picture is asked for."""

import io
import threading
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iae.data.records import ImageRecord
from iae.errors import DataError, ImageError

Layout = Literal["encoded", "grey", "last", "first"]
"""Files of bytes; (N, H, W); channels last, (N, H, W, 3); or first, (N, 3, H, W)."""


def find_layout(dataset: Any, path: Path) -> Layout:
    """How the pictures lie in an ``h5py.Dataset``.

    Raises:
        DataError: its shape or type is none that is known.
    """
    shape: tuple[int, ...] = dataset.shape or ()
    kind = dataset.dtype.kind
    if len(shape) == 1 and kind in "OSV":
        return "encoded"
    if kind in "biuf":
        if len(shape) == 4 and shape[3] == 3:
            return "last"
        if len(shape) == 4 and shape[1] == 3:
            return "first"
        if len(shape) == 3:
            return "grey"
    key = dataset.name.strip("/")
    raise DataError(f"{path}: '{key}' has the shape {shape} of {dataset.dtype}, "
                    "wanted (N, H, W, 3) or (N, 3, H, W) pixels or N encoded files")  # fmt: skip


class Hdf5Images:
    """The pictures of one HDF5 dataset; ``record.name`` is the row.

    The file is opened at the first picture and stays open; threads may share the store, and a
    copy that is sent to another process opens the file for itself.
    """

    def __init__(self, path: Path, key: str, layout: Layout) -> None:
        self._path, self._key, self._layout = path, key, layout
        self._lock = threading.Lock()
        self._file: Any = None

    def __getstate__(self) -> tuple[Path, str, Layout]:
        return self._path, self._key, self._layout

    def __setstate__(self, state: tuple[Path, str, Layout]) -> None:
        self._path, self._key, self._layout = state
        self._lock = threading.Lock()
        self._file = None

    def close(self) -> None:
        """Close the file; the next picture opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def read(self, record: ImageRecord) -> bytes:
        """One picture as an encoded file: as it is stored, or pixels as PNG.

        Raises:
            ImageError: the row is damaged, or holds no pixels in 0 … 255 or 0 … 1.
        """
        row = self._read_row(int(record.name))
        if self._layout != "encoded":
            return _png(_to_uint8(row), self._layout)
        data = row.tobytes() if isinstance(row, np.ndarray | np.void) else bytes(row)
        if not data:
            raise ImageError("the row is empty (0 bytes)")
        return data

    def _read_row(self, row: int) -> Any:
        import h5py

        with self._lock:
            try:
                if self._file is None:
                    self._file = h5py.File(self._path, "r", locking="best-effort")
                return self._file[self._key][row]
            except Exception as error:  # h5py meets damaged bytes with any kind of error
                reason = " ".join(str(error).split())[:200]
                raise ImageError(f"cannot read row {row} of {self._path.name}: {reason}") from None


class NoImages:
    """The pictures of a copy that holds labels alone."""

    def read(self, record: ImageRecord) -> bytes:
        """Raises ``ImageError``, always."""
        raise ImageError("this copy holds labels and no pictures")


def _to_uint8(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """0 … 255 as they are; fractions in [0, 1] times 255."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8) * np.uint8(255)
    values = pixels.astype(np.float64)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if not (low >= 0 and high <= 255):  # also NaN
        raise ImageError(f"its pixels lie in [{low:g}, {high:g}], wanted 0 to 255 or 0 to 1")
    if pixels.dtype.kind == "f" and high <= 1:
        values = values * 255
    return values.round().astype(np.uint8)


def _png(pixels: NDArray[np.uint8], layout: Layout) -> bytes:
    if layout == "first":
        pixels = pixels.transpose(1, 2, 0)  # (3, H, W) -> (H, W, 3)
    file = io.BytesIO()
    # Fast rather than small: the file lives for a moment.
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=1)
    return file.getvalue()
