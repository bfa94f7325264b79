"""How often each value occurs in each row: items × values, or raters × values."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueCounts:
    """Counts per row and value, without the zeros: many values and many rows stay affordable."""

    values: NDArray[np.float64]
    """(V,) the different values, ascending."""
    table: "sparse.csr_array"
    """(N, V) counts."""

    @cached_property  # bootstrap draws ask a thousand times
    def per_row(self) -> NDArray[np.float64]:
        """(N,) values in each row."""
        return np.asarray(self.table.sum(axis=1), np.float64)

    @cached_property
    def squares_per_row(self) -> NDArray[np.float64]:
        """(N,) sum of the squared counts of each row."""
        return np.asarray(self.table.power(2).sum(axis=1), np.float64)


def value_counts(row: NDArray[np.int32], value: NDArray[np.float64], rows: int) -> ValueCounts:
    """Count the values of each row, from (R,) rows and (R,) values."""
    values = np.unique(value)
    code = np.searchsorted(values, value).astype(np.int64)
    code += row.astype(np.int64) * len(values)
    cells = rows * len(values)
    if cells <= 4 * len(value) + 10_000:  # a dense table is small: no need to sort
        counts = np.bincount(code, minlength=cells)
        filled = np.flatnonzero(counts)
        counts = counts[filled]
    else:
        filled, counts = np.unique(code, return_counts=True)
    places = np.divmod(filled, max(len(values), 1))
    table = sparse.coo_array((counts.astype(np.float64), places), shape=(rows, len(values)))
    return ValueCounts(values=values, table=table.tocsr())


def counted(table: ArrayLike) -> ValueCounts:
    """From a (N, V) table of counts of nominal values, which are numbered from 0."""
    counts = np.asarray(table, np.float64)
    return ValueCounts(values=np.arange(counts.shape[1], dtype=np.float64),
                       table=sparse.csr_array(counts))  # fmt: skip
