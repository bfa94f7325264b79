"""What raters read: a file a language beside this one; a study may say some of it otherwise."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

KNOWN_LANGUAGES = ("en", "zh", "de")
"""Each has a file ``LANGUAGE.toml`` here; a new one is a file and a word in this line."""


@cache
def language_file(language: str) -> Mapping[str, Any]:
    """The tables ``page``, ``quality`` and ``emotion`` of one language."""
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
