"""``croissant.json``: the files, columns and types of a converted set in Croissant 1.0 (JSON-LD).

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html. What is not known (licence,
creator, date) is left out, not made up; a validator says so.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.convert.columns import describe_column
from iae.convert.parts import Written
from iae.files import written_whole
from iae.images.decode import SUFFIXES

CROISSANT = "croissant.json"

_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""The context that the specification prescribes, word for word."""

_TYPES = {"text": "sc:Text", "number": "sc:Float", "flag": "sc:Boolean", "integer": "sc:Integer",
          "texts": "sc:Text", "numbers": "sc:Float"}  # fmt: skip
_MEDIA_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
                ".gif": "image/gif", ".bmp": "image/bmp", ".tif": "image/tiff"}  # fmt: skip
_PICTURES = tuple(f"*{suffix}" for s in sorted(SUFFIXES) for suffix in (s, s.upper()))


@dataclass(frozen=True)
class Distribution:
    """Of which files a converted form consists."""

    kind: str
    """Name of the form."""
    shards: str
    """Glob of the files that hold the rows."""
    encoding: str
    """Their media type."""
    data: str
    """Glob of what a loader of one part takes, inside the part's folder."""


def write_croissant(folder: Path, written: Written, distribution: Distribution) -> None:
    """Describe the files that were written below ``folder``. Raises ``OutputError``."""
    dataset = written.dataset
    shards = sorted(folder.glob(distribution.shards))
    content = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": re.sub(r"[^\w.-]+", "-", dataset.name, flags=re.ASCII) or "dataset",
        "description": f"{len(dataset.records)} images with labels of aesthetics and emotion, "
        f"converted by iae to {distribution.kind}.",
        "distribution": _files(folder, shards, distribution, written.suffixes),
        "recordSet": _record_sets(written, distribution) if written.parts else [],
    }
    with written_whole(folder / CROISSANT) as part:
        part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _files(
    folder: Path, shards: Sequence[Path], distribution: Distribution, suffixes: Sequence[str]
) -> list[dict[str, Any]]:
    names = [shard.relative_to(folder).as_posix() for shard in shards]
    objects: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
            "encodingFormat": distribution.encoding, "sha256": _sha256(folder / name),
        }
        for name in names
    ]  # fmt: skip
    if not names:
        return objects
    inside = {}
    rows = {"encodingFormat": distribution.encoding, "includes": distribution.shards}
    if distribution.kind == "webdataset":
        inside = {"containedIn": [{"@id": name} for name in names]}
        rows = {"encodingFormat": "application/json", "includes": "*.json"}
    objects.append({"@type": "cr:FileSet", "@id": "rows", "name": "rows", **inside, **rows})
    if suffixes and distribution.kind != "parquet":
        kinds = [_MEDIA_TYPES[suffix] for suffix in suffixes]
        objects.append({"@type": "cr:FileSet", "@id": "files", "name": "files", **inside,
                        "encodingFormat": kinds, "includes": _PICTURES})  # fmt: skip
    return objects


def _record_sets(written: Written, distribution: Distribution) -> list[dict[str, Any]]:
    fields = [_field(column, distribution) for column in written.columns]
    sets = []
    if written.suffixes and distribution.kind == "parquet":
        source = {"fileSet": {"@id": "rows"}, "extract": {"column": "image"},
                  "transform": {"jsonPath": "bytes"}}  # fmt: skip
        fields.insert(0, _picture("images", source))
    elif written.suffixes:
        pictures = {"fileSet": {"@id": "files"}}
        path = {"@type": "cr:Field", "@id": "pictures/path", "name": "pictures/path",
                "description": "folder and file_name of its row, or its name in the shard",
                "dataType": "sc:Text",
                "source": {**pictures, "extract": {"fileProperty": "fullpath"}}}  # fmt: skip
        content = _picture("pictures", {**pictures, "extract": {"fileProperty": "content"}})
        sets.append(_record_set("pictures", [path, content]))
    return [_record_set("images", fields), *sets]


def _record_set(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _picture(record_set: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": f"{record_set}/image", "name": f"{record_set}/image",
            "description": "the picture as it was, not encoded again",
            "dataType": "sc:ImageObject", "source": source}  # fmt: skip


def _field(column: str, distribution: Distribution) -> dict[str, Any]:
    kind, meaning = describe_column(column)
    extract = {"column": column}
    if distribution.kind == "webdataset":
        extract = {"jsonPath": f"$.{json.dumps(column) if not column.isidentifier() else column}"}
    name = f"images/{_identifier(column)}"
    field = {
        "@type": "cr:Field", "@id": name, "name": name,
        "description": meaning, "dataType": _TYPES[kind],
        "source": {"fileSet": {"@id": "rows"}, "extract": extract},
    }  # fmt: skip
    return {**field, "repeated": True} if kind in ("texts", "numbers") else field


def _identifier(column: str) -> str:
    """The column, spelt without what an ``@id`` may not hold; different columns stay different.

    >>> _identifier("votes_awe"), _identifier("attribute_colour (hue)")
    ('votes_awe', 'attribute_colour-20-28hue-29')
    """
    return re.sub(r"[^A-Za-z0-9_.]", lambda match: f"-{ord(match[0]):x}", column)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
