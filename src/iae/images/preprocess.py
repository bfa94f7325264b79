"""``PreprocessSpec``: the one description of how pixels are prepared.

It is made once, in training, travels in the checkpoint and in the ONNX metadata, and is read back
by scoring. The geometric half happens here, on uint8 pixels; the normalisation half is built into
the network itself (:class:`iae.nn.joint.JointNet`), so no caller can get it wrong.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iae.errors import CheckpointError
from iae.images.decode import load_photo

Pixels = NDArray[np.uint8]
"""(H, W, 3) RGB in sRGB."""

_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_ASPECTS = ("squeeze", "crop")


@dataclass(frozen=True, kw_only=True)
class PreprocessSpec:
    """How a photo becomes the network's input."""

    size: int = 224
    """Side of the square input, in pixels."""
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    """Resampling filter (antialiased)."""
    aspect: Literal["squeeze", "crop"] = "squeeze"
    """``squeeze`` the whole photo into the square, or ``crop`` its centre square."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Per RGB channel, subtracted after scaling pixels to [0, 1]."""
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Per RGB channel, divided by after the mean is subtracted."""
    colour: Literal["sRGB"] = "sRGB"
    """Colour space of the pixels."""

    def __post_init__(self) -> None:
        wanted = {
            "size": type(self.size) is int and self.size >= 32,
            "interpolation": self.interpolation in _FILTERS,
            "aspect": self.aspect in _ASPECTS,
            "mean": len(self.mean) == 3 and all(map(math.isfinite, self.mean)),
            "std": len(self.std) == 3 and all(0 < value < math.inf for value in self.std),
            "colour": self.colour == "sRGB",
        }
        for name, holds in wanted.items():
            if not holds:
                raise ValueError(f"PreprocessSpec: {name} cannot be {getattr(self, name)!r}")

    @property
    def decode_side(self) -> int:
        """Smallest side to decode at: twice the input, so that scaled decoding costs no detail."""
        return 2 * self.size

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PreprocessSpec":
        """Back from :meth:`to_dict` or its JSON.

        Raises:
            CheckpointError: a field is missing, unknown or out of range.
        """
        if set(values) != set(cls.__dataclass_fields__):
            raise CheckpointError(
                f"the model's preprocessing has the fields {sorted(values)}, this version reads "
                f"{sorted(cls.__dataclass_fields__)}; use the version that made the model"
            )
        try:
            return cls(**{**values, "mean": tuple(values["mean"]), "std": tuple(values["std"])})
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"the model's preprocessing is damaged: {error}") from None


def to_pixels(photo: Image.Image, spec: PreprocessSpec) -> Pixels:
    """Resize an RGB photo as the spec says; (size, size, 3) uint8."""
    box = None
    if spec.aspect == "crop":
        side = min(photo.size)
        left, top = (photo.width - side) / 2, (photo.height - side) / 2
        box = (left, top, left + side, top + side)
    resized = photo.resize((spec.size, spec.size), _FILTERS[spec.interpolation], box)
    return np.asarray(resized)


def load_pixels(path: Path, spec: PreprocessSpec) -> Pixels:
    """Decode and prepare one file; (size, size, 3) uint8. Raises ``ImageError``."""
    return to_pixels(load_photo(path, min_side=spec.decode_side), spec)
