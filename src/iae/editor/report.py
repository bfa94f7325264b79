"""What became of each photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["written", "unchanged", "failed"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was done, or in a dry run would be done, for one photo or file."""

    path: Path
    """The photo as it was named; when undoing, the file that was changed."""
    state: State
    target: Path | None = None
    """The file that is written: the sidecar, or the photo itself."""
    shown: tuple[str, ...] = ()
    """The changes in words."""
    kept: tuple[str, ...] = ()
    """What was left because a person had set it."""
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class Report:
    """Outcomes in the order of the photos."""

    outcomes: Sequence[Outcome]

    def of(self, state: State) -> list[Outcome]:
        """Those of one state."""
        return [outcome for outcome in self.outcomes if outcome.state == state]

    @property
    def kept(self) -> list[Outcome]:
        """Those where something of a person's stayed."""
        return [outcome for outcome in self.outcomes if outcome.kept]
