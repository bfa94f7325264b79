"""Write docs/commands.md from the help texts of the commands; a test holds the two together."""

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
    for arguments in [[], *([name] for name in sorted(main.commands))]:
        shown = " ".join(["iae", *arguments, "--help"])
        result = CliRunner().invoke(main, [*arguments, "--help"], prog_name="iae",
                                    terminal_width=WIDTH)  # fmt: skip
        parts.append(f"## `{shown}`\n\n```\n{result.output.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(commands_page(), "utf-8")
