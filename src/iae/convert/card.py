"""``README.md``: the dataset card that the Hugging Face hub shows, with its YAML header."""

import json
from collections.abc import Sequence
from pathlib import Path

from iae._version import __version__
from iae.convert.columns import describe_column
from iae.convert.croissant import Distribution
from iae.convert.features import features
from iae.convert.parts import Part, Written
from iae.data.rows import to_text
from iae.data.summary import summarise
from iae.files import written_whole

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"))  # fmt: skip


def write_card(folder: Path, written: Written, distribution: Distribution) -> None:
    """Write the card of what was written, and what was not. Raises ``OutputError``."""
    dataset, parts = written.dataset, written.parts
    text = "\n".join([
        *_header(written, distribution),
        f"# {_plain(dataset.name)}\n",
        f"Images with labels of aesthetics and emotion, converted by iae {__version__} to the form "
        f"`{distribution.kind}` from a copy that it read as `{dataset.format}`. Pictures are the "
        "files of the source, byte for byte; they were not decoded, `iae data check` finds damaged "
        "ones.\n",
        "**Licence:** not known to the program that wrote this card. Pictures and labels stay "
        "under the terms of their source; state them here before sharing this copy.\n",
        *_section("What is in it", [f"{k}: {v}" for k, v in summarise(dataset).items()]),
        *_section("What is not", written.losses or ["nothing was lost in the conversion"]),
        *_section("What was assumed while reading the source", dataset.notes),
        *_columns(written.columns),
        *_loading(parts, distribution),
    ])  # fmt: skip
    with written_whole(folder / "README.md") as part:
        part.write_text(text + "\n", "utf-8")


def _header(written: Written, distribution: Distribution) -> list[str]:
    """YAML; its texts are JSON strings, which YAML reads as they are."""
    dataset, parts = written.dataset, written.parts
    size = next((name for most, name in _SIZES if len(dataset.records) < most), "n>10M")
    lines = ["---", f"pretty_name: {json.dumps(to_text(dataset.name))}", "license: other",
             "license_name: unknown", "task_categories:", "- image-classification", "tags:",
             "- image-aesthetics", "- emotion", "size_categories:", f"- {size}"]  # fmt: skip
    if parts:
        lines += features(distribution.kind, written.columns, written.suffixes)
        lines += ["configs:", "- config_name: default", "  data_files:"]
    for part in parts:
        lines += [f"  - split: {part.hub_split}", f'    path: "{part.folder}/{distribution.data}"']
    return [*lines, "---\n"]


def _plain(text: str) -> str:
    """Text on one line that Markdown takes as it is."""
    shown = "".join(c if c.isprintable() else " " for c in to_text(text))
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in shown)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}\n", *(f"* {_plain(line)}" for line in lines), ""] if lines else []


def _columns(columns: Sequence[str]) -> list[str]:
    if not columns:
        return []
    rows = [f"| `{column}` | {describe_column(column).meaning} |" for column in columns]
    return ["## Columns\n", "All scores lie on 1 to 10, 10 the best, whatever scale the raters "
            "saw. A cell without a value is null.\n", "| column | meaning |",
            "|---|---|", *rows, ""]  # fmt: skip


def _loading(parts: Sequence[Part], distribution: Distribution) -> list[str]:
    if not parts:
        return []
    split, folder = parts[0].hub_split, parts[0].folder
    ways = {
        "imagefolder": [f'datasets.load_dataset("PATH", split="{split}")'],
        "parquet": [f'datasets.load_dataset("PATH", split="{split}")',
                    f'polars.scan_parquet("PATH/{folder}/*.parquet")'],
        "webdataset": [f'webdataset.WebDataset("PATH/{folder}/shard-000000.tar")'],
    }[distribution.kind]  # fmt: skip
    return ["## Reading it\n", "```python", *ways, "```\n",
            "`iae data info PATH` reads it back with everything it had; `croissant.json` describes "
            "its files and columns."]  # fmt: skip
