"""Write docs/commands.md from the help texts of the commands; a test holds the two together."""

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from iae.cli.main import main

PAGE = Path(__file__).parent / "commands.md"
WIDTH = 98


def commands_page() -> str:
    """The page: every command's help as the terminal shows it."""
    assert isinstance(main, click.Group)
    parts = ["# Commands\n\nGenerated from `iae --help` by `make docs`.\n"]
    for arguments in _commands(main, []):
        shown = " ".join(["iae", *arguments, "--help"])
        result = CliRunner().invoke(main, [*arguments, "--help"], prog_name="iae",
                                    terminal_width=WIDTH)  # fmt: skip
        parts.append(f"## `{shown}`\n\n```\n{result.output.rstrip()}\n```\n")
    return "\n".join(parts)


def _commands(group: click.Group, above: list[str]) -> Iterator[list[str]]:
    """The words of every command, groups before what is in them."""
    yield above
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, [*above, name])
        else:
            yield [*above, name]


if __name__ == "__main__":
    PAGE.write_text(commands_page(), "utf-8")
