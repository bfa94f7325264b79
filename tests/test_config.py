import dataclasses
import json
import math
from pathlib import Path

import pytest

from iae.config import (
    BalanceConfig,
    ExperimentConfig,
    LossConfig,
    ModelConfig,
    SplitConfig,
    TableSource,
    TrainConfig,
    from_mapping,
    load_experiment,
    to_mapping,
)
from iae.config.pairs import load_pair_experiment
from iae.errors import ConfigError
from iae.labels import EMOTIONS

ROOT = Path(__file__).parents[1]

ALL_EXPERIMENTS = sorted((ROOT / "experiments").rglob("*.toml"))
# Those with [pairs] are read by tests/test_pair_experiments.py.
EXPERIMENTS = [path for path in ALL_EXPERIMENTS if load_pair_experiment(path) is None]

STUDY = ExperimentConfig(
    sources={
        "study": TableSource(
            ratings=("a", "b"),
            emotion_votes={"awe": "votes_awe"},
            score_counts={"four": 4},
            group="scene",
            scale=(1, 5),
        )
    },
    split=SplitConfig(seed=3, fractions=(0.6, 0.2, 0.2)),
    model=ModelConfig(aspect="crop"),
    train=TrainConfig(precision="bf16-mixed", flip=False),
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_survive_json():
    values = json.loads(json.dumps(to_mapping(STUDY)))
    assert from_mapping(ExperimentConfig, values) == STUDY


def test_settings_read_from_json_are_tuples_again():
    values = json.loads(json.dumps(to_mapping(STUDY)))
    assert from_mapping(ExperimentConfig, values).split.fractions == (0.6, 0.2, 0.2)


def test_whole_numbers_in_the_file_become_floats():
    assert isinstance(from_mapping(TrainConfig, {"head_lr_factor": 10}).head_lr_factor, float)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda p: p.name)
def test_every_experiment_of_the_repository_loads(path):
    assert load_experiment(path).sources


@pytest.mark.parametrize("path", ALL_EXPERIMENTS, ids=lambda p: p.name)
def test_every_experiment_begins_with_its_command_time_and_expectation(path):
    head = path.read_text("utf-8").split("\n\n")[0]
    assert f"iae train {path.relative_to(ROOT)}" in head
    assert all(f"# {word}:" in head for word in ("Command", "Time", "Expected"))
    assert all(line.startswith("#") for line in head.splitlines())


def test_the_experiments_of_the_comparison_differ_in_nothing_but_what_is_compared():
    compared = {p.stem: load_experiment(p) for p in EXPERIMENTS if p.parent.name == "comparison"}
    hard = compared["hard"]
    for config in compared.values():
        # What is asked beside the two tasks is one of the things compared.
        sources = {
            name: dataclasses.replace(s, attributes={}) for name, s in config.sources.items()
        }
        assert (sources, config.split, config.train) == (hard.sources, hard.split, hard.train)
    assert len({json.dumps(to_mapping(c), sort_keys=True) for c in compared.values()}) == len(
        compared
    )


def test_the_comparison_divides_the_same_photos_as_the_default_model():
    default, hard = (load_experiment(ROOT / "experiments" / name)
                     for name in ("default.toml", "comparison/hard.toml"))  # fmt: skip
    assert (hard.sources, hard.split) == (default.sources, default.split)


def test_the_default_experiment_maps_emotions_to_votes_of_their_own_name():
    sources = load_experiment(ROOT / "experiments" / "default.toml").sources
    for source in sources.values():
        assert all(column == f"votes_{e}" for e, column in source.emotion_votes.items())


def test_the_settings_that_are_left_out_have_their_defaults(tmp_path):
    config = load_experiment(written(tmp_path, "[sources.photos]\nemotion = 'mood'\n"))
    assert config == ExperimentConfig(sources={"photos": TableSource(emotion="mood")})


@pytest.mark.parametrize(
    ("kind", "key", "nearest"),
    [
        (ModelConfig, "shareing", "sharing"),
        (BalanceConfig, "methd", "method"),
        (TrainConfig, "batchsize", "batch_size"),
        (ModelConfig, "back_bone", "backbone"),
        (ExperimentConfig, "source", "sources"),
        (TableSource, "emotion_vote", "emotion_votes"),
    ],
)
def test_a_misspelt_setting_is_refused_and_the_nearest_one_named(kind, key, nearest):
    with pytest.raises(ConfigError, match=f"'{key}' for {kind.__name__}; did you mean '{nearest}'"):
        from_mapping(kind, {key: 1})


def test_a_setting_like_no_other_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError, match="unknown setting 'xyz' .* known: seed, fractions"):
        from_mapping(SplitConfig, {"xyz": 1})


def test_a_misspelt_setting_deep_in_a_file_names_the_file(tmp_path):
    path = written(tmp_path, "[sources.a]\n[train]\nepoch = 3\n")
    with pytest.raises(ConfigError, match=r"experiment\.toml: .*'epoch'.*did you mean 'epochs'"):
        load_experiment(path)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (TrainConfig, {"epochs": "four"}, "'epochs' must be int, got 'four'"),
        (TrainConfig, {"epochs": 4.0}, "'epochs' must be int, got 4.0"),
        (TrainConfig, {"epochs": True}, "'epochs' must be int, got True"),
        (TrainConfig, {"lr": "1e-4"}, "'lr' must be float, got '1e-4'"),
        (TrainConfig, {"lr": True}, "'lr' must be float, got True"),
        (TrainConfig, {"flip": 1}, "'flip' must be bool, got 1"),
        (TrainConfig, {"precision": "16"}, "'precision' must be .*32-true.* got '16'"),
        (ModelConfig, {"aspect": ["crop"]}, "'aspect' must be .*squeeze.*crop.* got"),
        (SplitConfig, {"fractions": [0.8, 0.2]}, r"'fractions' must be .* got \[0.8, 0.2\]"),
        (SplitConfig, {"fractions": 0.8}, "'fractions' must be .* got 0.8"),
        (TableSource, {"ratings": "a"}, "'ratings' must be .* got 'a'"),
        (TableSource, {"group": 3}, "'group' must be str, got 3"),
        (TableSource, {"score_counts": {"four": "4"}}, "'score_counts.four' must be float"),
        (TableSource, {"emotion_votes": ["awe"]}, "'emotion_votes' must be "),
        (ExperimentConfig, {"sources": {"a": 3}}, "'sources.a' must be TableSource, got 3"),
        (ExperimentConfig, {"sources": {"a": {}}, "train": 1}, "'train' must be TrainConfig"),
    ],
)
def test_a_setting_of_the_wrong_type_is_refused(kind, values, message):
    with pytest.raises(ConfigError, match=message):
        from_mapping(kind, values)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (TrainConfig, {"lr": 0.0}, r"train.lr must lie in \(0, 1\), got 0.0; 1e-4 is a usual"),
        (TrainConfig, {"lr": 1.0}, "train.lr must lie in"),
        (TrainConfig, {"epochs": 0}, "train.epochs must be at least 1, got 0"),
        (TrainConfig, {"batch_size": 0}, "train.batch_size must be at least 1"),
        (TrainConfig, {"probe_epochs": -1}, "train.probe_epochs must not be negative"),
        (TrainConfig, {"freeze_stages": -1}, "train.freeze_stages must not be negative"),
        (TrainConfig, {"weight_decay": -0.1}, "train.weight_decay must not be negative"),
        (TrainConfig, {"gradient_clip": -1.0}, "train.gradient_clip must not be negative"),
        (TrainConfig, {"head_lr_factor": 0.0}, "train.head_lr_factor must be positive"),
        (TrainConfig, {"warmup": 1.0}, r"train.warmup must lie in \[0, 1\)"),
        (TrainConfig, {"precision": "64"}, "train.precision must be '32-true' or 'bf16-mixed'"),
        (LossConfig, {"emotion": -1.0}, "loss.emotion must not be negative"),
        (LossConfig, {"label_smoothing": 1.1}, r"loss.label_smoothing must lie in \[0, 1\]"),
        (LossConfig, {"class_balance": -0.1}, r"loss.class_balance must lie in \[0, 1\]"),
        (ModelConfig, {"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1.0"),
        (ModelConfig, {"input_size": 31}, "input_size must be at least 32 pixels, got 31"),
        (ModelConfig, {"aspect": "stretch"}, "aspect must be 'squeeze' or 'crop', got 'stretch'"),
        (TrainConfig, {"pieces": 0}, "train.pieces must be at least 1"),
        (LossConfig, {"aesthetic_mean": 0, "level_shares": 0, "emotion": 0}, "all weights of the"),
        (ModelConfig, {"sharing": "soft"}, "model.sharing must be one of hard, single, cross-"),
        (ModelConfig, {"trunk_stages": -1}, "model.trunk_stages must not be negative"),
        (ModelConfig, {"sharing": "afa", "self_weight": 1.1}, r"self_weight must lie in \[0, 1\]"),
        (ModelConfig, {"fuse_after": (4,)}, "fuse_after is about fusions, and sharing 'hard' has"),
        (ModelConfig, {"sharing": "single", "self_weight": 0.5}, "self_weight is about fusions"),
        (BalanceConfig, {"method": "mgda"}, "balance.method must be one of fixed, uncertainty, "),
        (BalanceConfig, {"learning_rate": 1.0}, r"balance.learning_rate must lie in \(0, 1\)"),
        (BalanceConfig, {"temperature": 0.0}, "balance.temperature must be positive"),
        (BalanceConfig, {"alpha": -1.0}, "balance.alpha must not be negative"),
        (BalanceConfig, {"period": -1}, "balance.period must not be negative"),
        (SplitConfig, {"fractions": (0.8, 0.1, 0.2)}, "fractions must be positive and sum to 1"),
        (SplitConfig, {"fractions": (1.0, 0.0, 0.0)}, "fractions must be positive and sum to 1"),
        (TableSource, {"scale": (5.0, 1.0)}, r"scale must be \[worst, best\], got \[5.0, 1.0\]"),
        (TableSource, {"score_counts": {"x": 11.0}}, "score_counts: x = 11.0 is outside scale"),
        (TableSource, {"emotion_votes": {"joy": "a"}}, "emotion_votes has joy; the emotions are"),
        (ExperimentConfig, {"sources": {}}, r"at least one \[sources.NAME\]"),
    ],
)
def test_a_setting_out_of_range_is_refused(kind, values, message):
    with pytest.raises(ConfigError, match=message):
        kind(**values)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "setting",
    ["[train]\nweight_decay = {}", "[loss]\nemotion = {}", "[split]\nfractions = [{}, 1, 1]"],
)
def test_a_setting_that_is_no_finite_number_is_refused(tmp_path, number, setting):
    path = written(tmp_path, "[sources.a]\n" + setting.format(number))
    with pytest.raises(ConfigError, match="must be a finite number, got -?(nan|inf)"):
        load_experiment(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": {"sharing": "afa"}, "loss": {"emotion": 0}},
         "only aesthetic is trained, so there is nothing to share as 'afa'"),
        ({"balance": {"method": "pcgrad"}, "loss": {"emotion": 0}},
         "only aesthetic is trained, so there is nothing to balance by 'pcgrad'"),
        ({"model": {"sharing": "nddr"}, "balance": {"method": "gradnorm"}},
         "sharing 'nddr' has none; use 'hard'"),
        ({"train": {"cache_trunk": True}}, "cache_trunk needs a trunk, and all of it frozen"),
        ({"model": {"trunk_stages": 4}, "train": {"cache_trunk": True, "freeze_stages": 3}},
         "trunk_stages is 4, freeze_stages 3"),
    ],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        from_mapping(ExperimentConfig, {"sources": {"a": {}}, **settings})


@pytest.mark.parametrize(
    ("loss", "tasks"),
    [
        (LossConfig(), {"aesthetic": {"aesthetic_mean": 1.0, "level_shares": 5.0},
                        "emotion": {"emotion": 1.0}}),
        (LossConfig(level_shares=0), {"aesthetic": {"aesthetic_mean": 1.0},
                                      "emotion": {"emotion": 1.0}}),
        (LossConfig(aesthetic_mean=0, level_shares=0), {"emotion": {"emotion": 1.0}}),
    ],
)  # fmt: skip
def test_parts_of_the_loss_without_weight_and_tasks_without_parts_are_left_out(loss, tasks):
    assert loss.tasks() == tasks


def test_an_experiment_takes_from_its_base_what_it_does_not_say(tmp_path):
    (tmp_path / "base.toml").write_text(
        "[sources.a]\nscale = [1, 5]\nemotion = 'mood'\n[train]\nlr = 1e-3\nepochs = 9\n"
    )
    path = written(tmp_path, "base = 'base.toml'\n[train]\nlr = 2e-3\n[sources.a]\nscale = [0, 1]")
    assert load_experiment(path) == ExperimentConfig(
        sources={"a": TableSource(scale=(0, 1), emotion="mood")},
        train=TrainConfig(lr=2e-3, epochs=9),
    )


def test_a_base_is_found_beside_the_file_and_may_have_a_base_itself(tmp_path):
    (tmp_path / "above").mkdir()
    (tmp_path / "above" / "first.toml").write_text("licence = 'free'\n[sources.a]\n")
    (tmp_path / "second.toml").write_text("base = 'above/first.toml'\n[split]\nseed = 4\n")
    config = load_experiment(written(tmp_path, "base = 'second.toml'"))
    assert (config.licence, config.split.seed) == ("free", 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base = 'gone.toml'", r"cannot read the experiment file .*gone\.toml"),
        ("base = 'experiment.toml'", "a file cannot be its own base"),
        ("base = 3", "base must be the path of an experiment file, got 3"),
    ],
)
def test_a_base_that_cannot_be_read_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_experiment(written(tmp_path, text))


def test_an_experiment_without_sources_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="ExperimentConfig lacks the setting 'sources'"):
        load_experiment(written(tmp_path, "licence = 'free'"))


def test_a_missing_experiment_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*gone\.toml: No such file"):
        load_experiment(tmp_path / "gone.toml")


def test_a_folder_is_no_experiment_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the experiment file .*: Is a directory"):
        load_experiment(tmp_path)


def test_bad_toml_is_refused_with_its_line(tmp_path):
    with pytest.raises(ConfigError, match=r"experiment\.toml: .*line 2"):
        load_experiment(written(tmp_path, "[sources.a]\nscale = [1,,2]\n"))


def test_an_experiment_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "experiment.toml"
    path.write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(ConfigError, match=r"experiment\.toml: not UTF-8 text"):
        load_experiment(path)


@pytest.mark.parametrize(
    "kind", [TableSource, SplitConfig, ModelConfig, LossConfig, BalanceConfig, TrainConfig]
)
def test_the_defaults_of_every_kind_of_setting_are_valid_and_finite(kind):
    values = dataclasses.asdict(kind())
    assert all(math.isfinite(v) for v in values.values() if isinstance(v, float))


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        STUDY.train.lr = 1.0  # type: ignore[misc]


def test_votes_may_be_mapped_for_every_emotion():
    assert set(TableSource(emotion_votes={e: e for e in EMOTIONS}).emotion_votes) == set(EMOTIONS)
