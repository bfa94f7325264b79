"""What a person decided: the file that the page exports, and what of it is kept in ``OUT``."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.errors import DataError
from iae.files import written_whole
from iae.pick.choice import Decision
from iae.scoring.find import Found

KEPT = "overrules.json"
"""Name of the file in the folder of results."""

FORMAT, VERSION = "iae-overrules", 1


@dataclass(frozen=True, kw_only=True)
class Overrules:
    """Decisions by photo."""

    by_path: Mapping[str, Decision]
    """Path, as the file has it, to what was said; in the file's order."""

    def of(self, names: Sequence[str], files: Sequence[Path]) -> dict[int, Decision]:
        """Index of a photo -> what was said of it.

        Args:
            names: (N) photos as this run names them, which the page knows them by.
            files: (N) their absolute paths, which the file kept has, and which relative ones in a
                file from the same folder become.
        """
        absolute = {absolute_name(Path(name)): said for name, said in self.by_path.items()}
        found: dict[int, Decision] = {}
        for i, (name, file) in enumerate(zip(names, files, strict=True)):
            said = self.by_path.get(name) or absolute.get(absolute_name(file))
            if said is not None:
                found[i] = said
        return found


NONE = Overrules(by_path={})


def absolute_name(photo: Path) -> str:
    """The absolute path, as text that a file can hold."""
    return Found(Path(os.path.abspath(photo))).name  # noqa: PTH100  # links are not followed


def read_overrules(path: Path) -> Overrules:
    """Read a file that the page exported.

    Raises:
        DataError: it cannot be read, or is no such file.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise DataError(_no_overrules(path, "it is no JSON")) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(_no_overrules(path, f'it has no "format": "{FORMAT}"'))
    if content.get("version") != VERSION:
        raise DataError(f"{path} is of version {content.get('version')!r}, and {VERSION} is what "
                        "is read here; update iae")  # fmt: skip
    photos = content.get("photos")
    if not isinstance(photos, list):
        raise DataError(_no_overrules(path, "it lists no photos"))
    return Overrules(by_path=dict(_entry(entry, path) for entry in photos))


def _entry(entry: Any, path: Path) -> tuple[str, Decision]:
    if isinstance(entry, dict) and isinstance(entry.get("path"), str):
        best, keep = entry.get("best", False), entry.get("keep")
        if isinstance(best, bool) and (keep is None or isinstance(keep, bool)):
            return entry["path"], Decision(best=best, keep=keep)
    raise DataError(_no_overrules(path, f"{str(entry)[:80]!r} is no decision on a photo"))


def _no_overrules(path: Path, why: str) -> str:
    return (f"{path} is no file of overrules: {why}; take the one that the page picks.html "
            "exports")  # fmt: skip


def kept_overrules(out: Path) -> Overrules:
    """Those that earlier runs kept in ``out``; none where there are none.

    Raises:
        DataError: the file is damaged.
    """
    path = out / KEPT
    return read_overrules(path) if path.exists() else NONE


def keep_overrules(
    out: Path, names: Sequence[str], files: Sequence[Path], taken: Overrules
) -> tuple[Overrules, int]:
    """Keep what was decided on these photos; what was kept of others stays.

    Args:
        out: the folder of results.
        names: (N) the photos of this run: what was kept of them gives way to what is taken.
        files: (N) their absolute paths.
        taken: decisions of the file that was given.

    Returns:
        All that is kept now, with absolute paths, and how many decisions of the file given are of
        photos that are not among these.

    Raises:
        DataError: the file kept is damaged.
        OutputError: it cannot be written.
    """
    here = {absolute_name(file) for file in files}
    kept = {name: d for name, d in kept_overrules(out).by_path.items() if name not in here}
    decided = taken.of(names, files)
    kept |= {absolute_name(files[i]): said for i, said in decided.items() if said}
    with written_whole(out / KEPT) as part:
        part.write_text(overrules_text(kept.items()), encoding="utf-8")
    return Overrules(by_path=kept), len(taken.by_path) - len(decided)


def overrules_text(decisions: Iterable[tuple[str, Decision]]) -> str:
    """The file's content; the page writes the same."""
    photos = [{"path": path} | ({"best": True} if d.best else {})
              | ({} if d.keep is None else {"keep": d.keep}) for path, d in decisions]  # fmt: skip
    content = {"format": FORMAT, "version": VERSION, "photos": photos}
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"
