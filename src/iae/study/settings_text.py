"""The text of a new ``study.toml``."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from iae.errors import ConfigError

_HEAD = "# A rating study; every setting is explained in docs/study.md of the program.\n"


def settings_text(given: Mapping[str, object], more: Path | None, title: str) -> str:
    """``study.toml`` from what the command line gave and what a file adds.

    Args:
        given: setting (``order.repeat_every`` for one of a table) -> value; None is not given.
        more: a TOML file with further settings; it is taken over word by word.
        title: used if nobody says another.

    Raises:
        ConfigError: the file cannot be read, or says something that was given too.
    """
    text, known = _more(more)
    values = {name: value for name, value in given.items() if value is not None}
    if "title" not in known:
        values.setdefault("title", title)
    for name in values:
        table, _, key = name.rpartition(".")
        if name in known or (table and key in known.get(table, {})):
            raise ConfigError(f"{more} sets '{name}' and the command line too; say it once")
        if table and table in known:
            raise ConfigError(f"{more} has a table [{table}]; set '{key}' in it")
    top = [f"{name} = {_toml(value)}\n" for name, value in values.items() if "." not in name]
    # Dotted keys, since a [table] would swallow what the file says at its top.
    dotted = [f"{name} = {_toml(value)}\n" for name, value in values.items() if "." in name]
    return _HEAD + "".join(top + dotted) + ("\n" + text if text else "")


def _more(path: Path | None) -> tuple[str, dict[str, dict[str, object]]]:
    if path is None:
        return "", {}
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _toml(value: object) -> str:
    """Strings, numbers and lists are written alike in JSON and TOML (but for half characters)."""
    return json.dumps(value)
