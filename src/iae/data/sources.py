"""All data sets of an experiment, read and divided into splits."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iae.config import SplitConfig, TableSource
from iae.data.records import ImageRecord
from iae.data.splits import assign_splits
from iae.data.table import read_table
from iae.errors import DataError


@dataclass(frozen=True)
class LoadedSources:
    """Every record of the sources that were given, each with a split."""

    records: list[ImageRecord]
    left_out: list[str]
    """Optional sources without a root."""


def load_sources(
    sources: Mapping[str, TableSource], roots: Mapping[str, Path], split: SplitConfig
) -> LoadedSources:
    """Read the data sets whose roots are given.

    Raises:
        DataError: a root is given for no known source, or a source that is needed has no root, or
            a table is wrong.
    """
    check_roots(sources, roots)
    missing = [name for name in sources if name not in roots]
    needed = [name for name in missing if not sources[name].optional]
    if needed:
        raise DataError(f"no folder given for {', '.join(needed)}; "
                        f"add {' '.join(f'--data {name}=PATH' for name in needed)}")  # fmt: skip
    return LoadedSources(read_given(sources, roots, split), missing)


def check_roots(sources: Mapping[str, TableSource], roots: Mapping[str, Path]) -> None:
    """Refuse a root that belongs to no source.

    Raises:
        DataError: it names the sources there are, and the nearest one.
    """
    for name in roots:
        if name not in sources:
            near = difflib.get_close_matches(name, sources, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise DataError(f"--data {name}=… names no source; known: {', '.join(sources)}{hint}")


def read_given(
    sources: Mapping[str, TableSource], roots: Mapping[str, Path], split: SplitConfig
) -> list[ImageRecord]:
    """Records of exactly the sources in ``roots``, with the same splits in any company."""
    records = [
        record
        for name, source in sources.items()
        if name in roots
        for record in read_table(roots[name], source, name)
    ]
    return assign_splits(records, split)
