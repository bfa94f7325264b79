"""What is kept, copied into a folder of its own; nothing is moved or deleted."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from iae.errors import OutputError
from iae.files import appearing, refuse_taken
from iae.pick.choice import Pick
from iae.scoring.find import THUMBNAILS_MARK


def copy_kept(
    folder: Path,
    picks: Sequence[Pick],
    files: Sequence[Path],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Copy every photo that is kept, also those in no series; how many these were.

    The folder appears when all are in it. A search for photos below the folder that holds it
    passes it over. Photos keep their names; of two with one name the second becomes
    ``name (2).jpg``, in the order found.

    Args:
        folder: a new or empty one.
        picks: (N) the choice.
        files: (N) where each photo lies.
        progress: called with (photos copied, photos to copy).

    Raises:
        OutputError: the folder is taken, or cannot be written, or a photo cannot be copied.
    """
    refuse_taken(folder)
    kept = [file for pick, file in zip(picks, files, strict=True) if pick.kept]
    with appearing(folder) as part:
        (part / THUMBNAILS_MARK).touch()
        for done, (file, name) in enumerate(zip(kept, free_names(kept), strict=True), start=1):
            try:
                shutil.copy2(file, part / name)
            except OSError as error:
                raise OutputError(f"cannot copy {file}: {error.strerror or error}") from None
            progress(done, len(kept))
    return len(kept)


def free_names(files: Sequence[Path]) -> list[str]:
    """A name for each file; no two are the same, also where upper and lower case are.

    >>> free_names([Path("a/x.jpg"), Path("b/X.jpg"), Path("c/x (2).jpg")])
    ['x.jpg', 'X (2).jpg', 'x (2) (2).jpg']
    """
    taken: set[str] = set()
    names = []
    for file in files:
        name, number = file.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{file.stem} ({number}){file.suffix}"
        taken.add(name.casefold())
        names.append(name)
    return names
