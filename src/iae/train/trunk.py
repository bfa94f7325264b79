"""The output of a frozen trunk, computed once for each photo.

Two thirds and more of a training step go into early stages. Where these stay as they are, their
output is the same in every epoch and in every experiment with the same trunk.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from iae.errors import DataError
from iae.files import written_whole
from iae.nn.branches import BranchedNet
from iae.train.dataset import CachedMaps, CachedPhotos, make_loader

STORED: type[np.floating[Any]] = np.float16

Progress = Callable[[int, int], None]


def cached_trunk(
    net: BranchedNet,
    photos: CachedPhotos,
    folder: Path,
    *,
    mirrored: bool,
    device: torch.device,
    progress: Progress = lambda done, total: None,
) -> CachedMaps:
    """Run photos through the trunk, or open the file that an earlier run left in ``folder``.

    The file is named after the photos, their preparation and the weights of the trunk; of others
    it is another. It is written under a temporary name, in 16 bits a number.

    Args:
        net: the network; its trunk is frozen and has at least one stage.
        photos: what to compute maps of.
        folder: where the file is, or is to be.
        mirrored: keep a second view of each photo, mirrored left to right.
        device: where the network is run.
        progress: called with (photos done, photos in all).

    Returns:
        The photos with their maps, (N, views, h, w, C) or, of tokens, (N, views, L, C).

    Raises:
        OutputError: the file cannot be written.
        DataError: the maps do not fit into 16 bits.
    """
    net.eval().to(device)
    shape = _maps(net, photos[0]["pixels"].to(device), mirrored).shape[1:]
    path = folder / f"{_key(net, photos, mirrored)}.maps"
    if not path.exists():
        with written_whole(path) as part, part.open("wb") as file:
            done = 0
            for block in _blocks(net, photos, mirrored, device):
                # Not by way of a mapped file: on a full disk that ends the process.
                file.write(block.tobytes())
                progress(done := done + len(block), len(photos))
    return CachedMaps(photos, np.memmap(path, STORED, "r", shape=(len(photos), *shape)))


def _blocks(
    net: BranchedNet, photos: CachedPhotos, mirrored: bool, device: torch.device
) -> Iterator[NDArray[np.floating[Any]]]:
    for batch in make_loader(photos, 64, seed=None):
        maps = _maps(net, batch["pixels"].to(device), mirrored).cpu().numpy()
        with np.errstate(over="ignore"):  # it is told below
            block = maps.astype(STORED)
        if not np.isfinite(block).all():
            raise DataError(f"the output of the trunk has numbers of {np.abs(maps).max():.3g}, "
                            "too large for 16 bits; leave train.cache_trunk out")  # fmt: skip
        yield block


@torch.inference_mode()
def _maps(net: BranchedNet, pixels: Tensor, mirrored: bool) -> Tensor:
    """All views, channels last; (N, H, W, 3) -> (N, views, h, w, C) or (N, views, L, C)."""
    views = [pixels, pixels.flip(2)] if mirrored else [pixels]
    maps = torch.stack([net.trunk(view) for view in views], dim=1).float()
    return maps.movedim(2, -1) if maps.ndim == 5 else maps


def _key(net: BranchedNet, photos: CachedPhotos, mirrored: bool) -> str:
    about = [net.spec.to_dict(), photos.cache.key, mirrored, np.dtype(STORED).name]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(photos.rows).tobytes())
    for name, tensor in net.trunk_layers.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:24]
