"""Training on pairs: what a batch is, what a run leaves, and that it learns and resumes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from toy_pairs import TOY_PAIRS, make_pairs

from iae.cli.main import main
from iae.config.pairs import PairExperimentConfig, load_pair_experiment
from iae.data.pair_set import read_pair_set
from iae.errors import CheckpointError, ConfigError, DataError
from iae.train.checkpoint import load_model
from iae.train.pairs import run as run_module
from iae.train.pairs.batches import epoch_order, make_batch, targets
from iae.train.pairs.checkpoint import load_pair_model
from iae.train.pairs.optimizer import build_optimizer, rate
from iae.train.pairs.run import initial_pair_net, preprocess_spec, train_pairs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pairs(tmp_path_factory.mktemp("pairs") / "toy", {"train": 16, "val": 8})


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> PairExperimentConfig:
    path = tmp_path_factory.mktemp("experiment") / "toy.toml"
    path.write_text(TOY_PAIRS)
    found = load_pair_experiment(path)
    assert found is not None
    return found


def run(config: PairExperimentConfig, root: Path, out: Path, **options: object) -> Path:
    train_pairs(config, {"phototriage": root}, out, out.parent / "cache", device="cpu", **options)  # type: ignore[arg-type]
    return out


@pytest.fixture(scope="module")
def finished(
    config: PairExperimentConfig, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return run(config, root, tmp_path_factory.mktemp("runs") / "a")


def test_a_batch_holds_each_photo_once_and_its_numbers_lead_to_the_right_pixels(root: Path):
    pairs = read_pair_set(root, "train")
    pixels = np.arange(len(pairs.photos), dtype=np.uint8)[:, None, None, None].repeat(3, 3)
    chosen = np.flatnonzero(pairs.series < 4)
    batch = make_batch(pairs, pixels, pairs.share, chosen)
    shown = batch.pixels[:, 0, 0, 0].numpy()
    assert len(set(shown)) == len(shown) < 2 * len(chosen)
    np.testing.assert_array_equal(shown[batch.first], pairs.first[chosen])
    np.testing.assert_array_equal(shown[batch.second], pairs.second[chosen])
    np.testing.assert_allclose(batch.share, pairs.share[chosen], rtol=1e-6)


def test_mirroring_turns_some_photos_left_to_right_and_leaves_the_cache_alone(root: Path):
    pairs = read_pair_set(root, "train")
    row = np.arange(5, dtype=np.uint8)
    pixels = np.broadcast_to(row[None, None, :, None], (len(pairs.photos), 2, 5, 3)).copy()
    batch = make_batch(pairs, pixels, pairs.share, np.arange(len(pairs.pairs)),
                       np.random.default_rng(0))  # fmt: skip
    rows = {tuple(one[0, :, 0].tolist()) for one in batch.pixels}
    assert rows == {(0, 1, 2, 3, 4), (4, 3, 2, 1, 0)}
    assert (pixels == row[None, None, :, None]).all()


@pytest.mark.parametrize("whole_series", [False, True])
def test_an_epochs_order_depends_on_the_seed_only_and_holds_every_pair_once(
    root: Path, whole_series: bool
):
    pairs = read_pair_set(root, "train")
    chosen = np.arange(len(pairs.pairs))
    orders = [
        epoch_order(pairs, chosen, [seed, 1], whole_series=whole_series) for seed in (3, 3, 4)
    ]
    assert sorted(orders[0]) == chosen.tolist()
    np.testing.assert_array_equal(orders[0], orders[1])
    assert (orders[0] != orders[2]).any()
    runs = 1 + int((np.diff(pairs.series[orders[0]]) != 0).sum())
    assert (runs == len(pairs.series_names)) == whole_series


def test_the_majority_is_learned_as_0_or_1_and_a_tie_not_at_all():
    share = np.array([0.2, 0.5, 0.51])
    np.testing.assert_array_equal(targets(share, "majority"), [0, np.nan, 1])
    np.testing.assert_array_equal(targets(share, "shares"), share)


def test_the_published_recipe_is_sgd_with_a_rate_that_falls_in_steps(config: PairExperimentConfig):
    path = Path(__file__).parents[2] / "experiments" / "pau-published.toml"
    published = load_pair_experiment(path)
    assert published is not None
    net = initial_pair_net(config.model, preprocess_spec(config.model))
    optimizer = build_optimizer(net, published.train)
    assert isinstance(optimizer, torch.optim.SGD)
    assert {(g["lr"], g["momentum"], g["weight_decay"]) for g in optimizer.param_groups} == {
        (1e-5, 0.9, 5e-4), (1e-4, 0.9, 5e-4)
    }  # fmt: skip
    factor = rate(published.train, 10)
    expected = [1, 1, 0.3, 0.09, 0.027]
    assert [factor(step) for step in (0, 249, 250, 500, 999)] == pytest.approx(expected)
    spec = preprocess_spec(published.model)
    assert (spec.size, spec.aspect) == (224, "crop")
    assert spec.mean == pytest.approx((0.485, 0.456, 0.406))


def test_brightness_is_learned_and_the_best_model_kept(finished: Path, root: Path):
    _, record = load_pair_model(finished / "best")
    assert record.metrics["accuracy"] > 0.8
    assert record.data["phototriage"]["train"]["series"] == 16
    assert record.licence == "toy photos"


def test_a_run_with_the_same_seed_is_the_same_run(
    finished: Path, config: PairExperimentConfig, root: Path, tmp_path: Path
):
    again = run(config, root, tmp_path / "b")
    first, second = (load_file(p / "last" / "model.safetensors") for p in (finished, again))
    assert all(first[name].equal(second[name]) for name in first)


def test_a_resumed_run_ends_where_an_undisturbed_one_does(
    finished: Path, config: PairExperimentConfig, root: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    learn = run_module._learn

    def killed(state: object, shown: object, config: object, epoch: int, progress: object) -> float:
        if epoch == 1:
            raise KeyboardInterrupt
        return learn(state, shown, config, epoch, progress)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "_learn", killed)
        with pytest.raises(KeyboardInterrupt):
            run(config, root, tmp_path / "c")
    resumed = run(config, root, tmp_path / "c", resume=True)
    first, second = (load_file(p / "last" / "model.safetensors") for p in (finished, resumed))
    assert all(first[name].equal(second[name]) for name in first)


def test_a_run_folder_is_not_used_twice_nor_resumed_with_other_settings(
    finished: Path, config: PairExperimentConfig, root: Path
):
    with pytest.raises(ConfigError, match="already holds a run; add --resume"):
        run(config, root, finished)
    other = dataclasses.replace(config, licence="another")
    with pytest.raises(ConfigError, match="was begun with other settings"):
        run(other, root, finished, resume=True)


def test_a_joint_model_is_wanted_and_a_pair_model_found(finished: Path):
    with pytest.raises(CheckpointError, match=r"kind 'iae\.pairs', wanted 'iae\.joint'"):
        load_model(finished / "best")


def test_a_pair_model_is_wanted_and_another_kind_found(finished: Path, tmp_path: Path):
    card = json.loads((finished / "best" / "model.json").read_text("utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**card, "kind": "iae.joint"}))
    with pytest.raises(CheckpointError, match=r"kind 'iae\.joint', wanted 'iae\.pairs'"):
        load_pair_model(tmp_path)


def test_a_model_says_what_its_network_was_and_a_stranger_to_it_is_refused(
    finished: Path, tmp_path: Path
):
    for name in ("model.json", "model.safetensors"):
        (tmp_path / name).write_bytes((finished / "best" / name).read_bytes())
    card = json.loads((tmp_path / "model.json").read_text("utf-8"))
    card["experiment"]["model"]["head"] = "pau"
    (tmp_path / "model.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError, match="does not hold the pair network"):
        load_pair_model(tmp_path)


def test_all_ties_have_no_majority_to_learn(config: PairExperimentConfig, tmp_path: Path):
    root = make_pairs(tmp_path / "ties", {"train": 2, "val": 2})
    lines = (root / "train_pairlist.txt").read_text().splitlines()
    tied = [" ".join([*line.split()[:3], "0.5", *line.split()[4:]]) for line in lines]
    (root / "train_pairlist.txt").write_text("\n".join(tied) + "\n")
    pairs = dataclasses.replace(config.pairs, target="majority")
    with pytest.raises(DataError, match="all training pairs are ties"):
        run(dataclasses.replace(config, pairs=pairs), root, tmp_path / "run")


def test_a_photo_that_cannot_be_read_is_told_and_its_pairs_left_out(
    config: PairExperimentConfig, tmp_path: Path
):
    root = make_pairs(tmp_path / "broken", {"train": 6, "val": 3})
    (root / "train_val_imgs" / "000001-01.JPG").write_bytes(b"no picture")
    lines: list[str] = []
    short = dataclasses.replace(config, train=dataclasses.replace(config.train, epochs=1))
    run(short, root, tmp_path / "run", report=lines.append)
    assert any(line.startswith("left out: ") and "for 1 photo" in line for line in lines)
    assert any("000001-01.JPG" in line for line in lines)


def test_the_command_trains_pairs_and_names_the_next_command(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("toy.toml").write_text(TOY_PAIRS.replace("epochs = 2", "epochs = 1"))
    words = ["train", "toy.toml", "--data", f"phototriage={root}", "--device", "cpu"]
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("next: iae evaluate runs/toy/best --split val")
    assert Path("runs/toy/best/model.safetensors").is_file()
    refused = CliRunner().invoke(main, [*words[:2], "--data", f"other={root}"])
    assert refused.exit_code == 2
    assert "has no data set 'other'; it has 'phototriage'" in refused.stderr


def test_a_run_that_is_stopped_says_how_to_go_on(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stop(*arguments: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_module, "_learn", stop)
    Path("toy.toml").write_text(TOY_PAIRS)
    result = CliRunner().invoke(main, ["train", "toy.toml", "--data", f"phototriage={root}"])
    assert result.exit_code == 2
    assert "stopped before the end; if an epoch was finished, go on with --resume" in result.stderr


def test_several_processes_are_refused_for_pairs(tmp_path: Path, root: Path):
    (tmp_path / "toy.toml").write_text(TOY_PAIRS)
    words = ["train", str(tmp_path / "toy.toml"), "--data", f"phototriage={root}", "--devices", "2"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "pairs are trained in one process; leave --devices out" in result.stderr
