"""A frozen trunk is run once for each photo; training on what it gave is training as ever."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from full_disk import full_disk
from toy_runs import Train, differing, weights

from iae.config import ExperimentConfig, LossConfig
from iae.errors import DataError, OutputError
from iae.nn.branches import BranchedNet
from iae.train import trunk
from iae.train.dataset import CachedMaps, CachedPhotos
from iae.train.initial import initial_network, preprocess_spec
from iae.train.prepare import prepare
from iae.train.views import embedding_of, logits_of, one_view

CPU = torch.device("cpu")


def with_trunk(config: ExperimentConfig, *, cached: bool, **options: object) -> ExperimentConfig:
    model = replace(config.model, sharing="afa", trunk_stages=3)
    train = replace(config.train, freeze_stages=3, cache_trunk=cached, **options)  # type: ignore[arg-type]
    return replace(config, model=model, train=train)


@pytest.fixture
def photos(config: ExperimentConfig, toy_roots: dict[str, Path], toy_cache: Path) -> CachedPhotos:
    spec = preprocess_spec(config)
    return prepare(config, toy_roots, spec, toy_cache, report=lambda line: None,
                   progress=lambda done, total: None).photos["train"]  # fmt: skip


@pytest.fixture
def net(config: ExperimentConfig) -> BranchedNet:
    torch.manual_seed(0)
    settings = with_trunk(config, cached=True)
    built = initial_network(settings, preprocess_spec(settings)).eval()
    assert isinstance(built, BranchedNet)
    return built


def cached(net: BranchedNet, photos: CachedPhotos, folder: Path, mirrored: bool) -> CachedMaps:
    return trunk.cached_trunk(net, photos, folder, mirrored=mirrored, device=CPU)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("probe_epochs", [0, 2])
def test_an_epoch_on_cached_maps_is_an_epoch_with_the_trunk_run_live(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, flip: bool, probe_epochs: int,
):  # fmt: skip
    monkeypatch.setattr(trunk, "STORED", np.float32)
    for name in ("live", "cached"):
        settings = with_trunk(config, cached=name == "cached", epochs=1, flip=flip,
                              probe_epochs=probe_epochs)  # fmt: skip
        train_toys(tmp_path / name, settings, cache=tmp_path / "cache")
    live, kept = (weights(tmp_path / name) for name in ("live", "cached"))
    for name, value in live.items():
        # Adam divides by the gradient's size, so even rounding is seen; a step is 1e-3 long.
        torch.testing.assert_close(kept[name], value, rtol=0, atol=2e-5, msg=name)


def test_kept_in_16_bits_an_epoch_ends_near_to_it(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    figures = {}
    for name in ("live", "cached"):
        settings = with_trunk(config, cached=name == "cached", epochs=1)
        figures[name] = train_toys(tmp_path / name, settings, cache=tmp_path / "cache").metrics
    assert figures["cached"]["emd"] == pytest.approx(figures["live"]["emd"], abs=2e-3)


def test_the_embedding_of_cached_maps_is_that_of_the_pixels(
    net: BranchedNet, photos: CachedPhotos, tmp_path: Path
):
    maps = cached(net, photos, tmp_path, mirrored=True).__getitems__([3, 1])
    pixels = photos.__getitems__([3, 1])
    with torch.inference_mode():
        expected = net.features(pixels["pixels"])
        torch.testing.assert_close(embedding_of(net, one_view(maps)), expected, atol=2e-3, rtol=0)
        seed = next([n] for n in range(99) if (np.random.default_rng([n]).random(2) < 0.5).all())
        turned = net(pixels["pixels"].flip(2))
        found = logits_of(net, one_view(maps, mirror_seed=seed))
    for task, logits in turned.items():
        torch.testing.assert_close(found[task], logits, atol=2e-3, rtol=0)


def test_a_second_run_computes_nothing(
    net: BranchedNet, photos: CachedPhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = cached(net, photos, tmp_path, mirrored=False)
    monkeypatch.setattr(trunk, "_blocks", lambda *_: pytest.fail("computed again"))
    second = cached(net, photos, tmp_path, mirrored=False)
    np.testing.assert_array_equal(first.maps, second.maps)


def test_another_trunk_other_photos_and_another_preparation_are_other_files(
    net: BranchedNet, photos: CachedPhotos, tmp_path: Path
):
    cached(net, photos, tmp_path, mirrored=False)
    cached(net, photos, tmp_path, mirrored=True)
    cached(net, photos.only(np.arange(5)), tmp_path, mirrored=False)
    with torch.no_grad():
        next(net.trunk_layers.parameters()).add_(1e-3)
    cached(net, photos, tmp_path, mirrored=False)
    net.spec = replace(net.spec, mean=(0.1, 0.2, 0.3))
    cached(net, photos, tmp_path, mirrored=False)
    assert len(list(tmp_path.glob("*.maps"))) == 5


def test_other_branches_use_the_same_file(net: BranchedNet, photos: CachedPhotos, tmp_path: Path):
    cached(net, photos, tmp_path, mirrored=False)
    with torch.no_grad():
        for parameter in net.branches.parameters():
            parameter.add_(1)
    cached(net, photos, tmp_path, mirrored=False)
    assert len(list(tmp_path.glob("*.maps"))) == 1


def test_a_run_for_one_task_uses_the_file_of_a_run_for_both(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    rated = replace(config.sources["labelled"], emotion=None)
    both = with_trunk(config, cached=True, epochs=1, probe_epochs=0)
    both = replace(both, sources={**config.sources, "labelled": rated})
    one = replace(both, loss=LossConfig(aesthetic_mean=0, level_shares=0),
                  model=replace(both.model, sharing="hard"))  # fmt: skip
    for name, settings in (("both", both), ("one", one)):
        train_toys(tmp_path / name, settings, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").glob("*.maps"))) == 2  # of train and of val


def test_numbers_too_large_for_16_bits_are_refused(
    net: BranchedNet, photos: CachedPhotos, tmp_path: Path
):
    with torch.no_grad():
        for parameter in net.trunk_layers[-1].parameters():
            parameter.mul_(1e4)
    with pytest.raises(DataError, match="too large for 16 bits; leave train.cache_trunk out"):
        cached(net, photos, tmp_path, mirrored=False)
    assert not list(tmp_path.glob("*.maps"))


def test_a_full_disk_is_said_and_leaves_no_half_file(
    net: BranchedNet, photos: CachedPhotos, tmp_path: Path
):
    with full_disk(), pytest.raises(OutputError, match=r"cannot write .*\.maps: File too large"):
        cached(net, photos, tmp_path, mirrored=False)
    assert list(tmp_path.iterdir()) == []


def test_the_trunk_is_as_it_was_pretrained_at_the_end(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = with_trunk(config, cached=True)
    train_toys(tmp_path / "run", settings)
    torch.manual_seed(settings.train.seed)
    start = initial_network(settings, preprocess_spec(settings)).state_dict()
    moved = differing(weights(tmp_path / "run"), start)
    assert not any(name.startswith("trunk_layers") for name in moved)
    assert any(name.startswith("branches") for name in moved)
