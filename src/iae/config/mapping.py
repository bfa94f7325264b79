"""Plain values to settings and back; what does not fit is refused by name."""

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from iae.errors import ConfigError

Settings = TypeVar("Settings")


def to_mapping(settings: Any) -> dict[str, Any]:
    """Settings as plain values, the inverse of :func:`from_mapping`; for JSON."""
    return dataclasses.asdict(settings)


def from_mapping(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Build a settings dataclass from plain values, recursively.

    Raises:
        ConfigError: an unknown or missing key, or a value of the wrong type.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            advice = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(fields)}"
            raise ConfigError(f"unknown setting '{key}' for {kind.__name__}; {advice}")
    missing = [name for name, entry in fields.items() if name not in values
               and entry.default is dataclasses.MISSING
               and entry.default_factory is dataclasses.MISSING]  # fmt: skip
    if missing:
        raise ConfigError(f"{kind.__name__} lacks the setting '{missing[0]}'")
    built = {name: _convert(hints[name], value, name) for name, value in values.items()}
    return kind(**built)


def _convert(hint: Any, value: Any, name: str) -> Any:
    """One value as its annotation wants it; ints pass for floats, lists for tuples."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, Mapping):
            return from_mapping(hint, value)
    elif origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _convert(next(kind for kind in arguments if kind is not type(None)), value, name)
    elif origin is Literal:
        if value in arguments:
            return value
    elif origin is tuple:
        open_ended = arguments[-1] is Ellipsis
        if isinstance(value, list | tuple) and (open_ended or len(value) == len(arguments)):
            kinds = arguments[:1] * len(value) if open_ended else arguments
            return tuple(_convert(k, v, name) for k, v in zip(kinds, value, strict=True))
    elif origin is not None and issubclass(origin, Mapping):
        if isinstance(value, Mapping):
            return {key: _convert(arguments[1], v, f"{name}.{key}") for key, v in value.items()}
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        # TOML can write nan and inf, which would slip through every check of a range.
        if not math.isfinite(value):
            raise ConfigError(f"setting '{name}' must be a finite number, got {value}")
        return float(value)
    elif type(value) is hint:
        return value
    wanted = getattr(hint, "__name__", None) if origin is None else str(hint)
    raise ConfigError(f"setting '{name}' must be {wanted}, got {value!r}")
