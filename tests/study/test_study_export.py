"""What comes out of a study is what was put in: votes, biases, agreement, data sets, training."""

import csv
import json
import tomllib
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from iae.cli.main import main
from iae.config import TableSource, from_mapping
from iae.data.read import read_dataset
from iae.data.table import read_table
from iae.labels import LEVEL_SCORES, LEVELS
from iae.stats.icc import VarianceSums
from iae.study.assignment import Desk, hand_out
from iae.study.errors import UnknownTokenError
from iae.study.forget import data_of, forget
from iae.study.new import new_study
from iae.study.quality import rater_quality, screened
from iae.study.records import read_votes
from iae.study.service import open_study
from iae.study.status import study_status
from iae.study.status_text import format_status, image_rows, status_values
from iae.study.votes import Cast, store

BIASES = (-1.5, -0.5, 0.0, 0.5, 1.5)


def invoke(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def levels_of(scores):
    """The level nearest to each score."""
    nearest = np.abs(np.asarray(scores)[:, None] - np.array(LEVEL_SCORES)).argmin(axis=1)
    return [LEVELS[i] for i in nearest]


class Cohort:
    """Simulated raters; ``votes`` is what they were seen to answer, image and rater to answers."""

    def __init__(self, study, raters):
        self.study = study
        self.raters = [study.invite(name=f"rater {i}")[0] for i in range(raters)]
        self.paths = {}
        self.votes = {}
        self.second = {}
        self.keys = 0

    def rate(self, answer, *, seconds=2.0):
        """Everybody rates everything; ``answer(i, path)`` is what rater i says. One commit."""
        study = self.study
        desk = Desk(settings=study.settings, images=study.rating.images, now_ms=study.now_ms)
        with study.storage.writing() as connection:
            going = list(range(len(self.raters)))
            while going:
                for i in list(going):
                    batch = hand_out(connection, desk, self.raters[i].key, 1)
                    if not batch.assignments:
                        going.remove(i) if batch.state == "done" else None
                    for now in batch.assignments:
                        self._vote(connection, i, now, answer, seconds)

    def _vote(self, connection, i, now, answer, seconds):
        path = str(self.study.image_path(now.image).relative_to(self.study.photos))
        answers = answer(i, path)
        self.keys += 1
        cast = Cast(assignment=now.id, key=f"key-{self.keys:06d}", answers=json.dumps(answers),
                    seconds=seconds, conditions=None)  # fmt: skip
        store(connection, self.raters[i].key, cast, self.study.now_ms)
        kept = self.second if (path, self.raters[i].id) in self.votes else self.votes
        kept[path, self.raters[i].id] = answers


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Five raters of known bias rated 200 images in four levels; only looked at."""
    folder = tmp_path_factory.mktemp("cohort") / "study"
    names = [f"{i % 3}/{i}.jpg" for i in range(200)]
    settings = 'title = "A study"\nphotos = "p"\nconsent_version = ""\nraters_per_image = 5\n'
    new_study(folder, settings, folder / "photos", names)
    rng = np.random.default_rng(0)
    quality = dict(zip(names, rng.normal(5.5, 2, 200), strict=True))

    def answer(i, path):
        return {"quality": levels_of([quality[path] + BIASES[i] + rng.normal(0, 0.7)])[0]}

    with open_study(folder) as study:
        made = Cohort(study, len(BIASES))
        made.rate(answer)
        yield made


def votes_of(study):
    with study.storage.reading() as connection:
        return read_votes(connection, study.asked)


def test_the_tables_hold_the_votes_that_were_cast_and_no_others(cohort, tmp_path):
    out = tmp_path / "out"
    assert invoke("study", "export", cohort.study.folder, "-o", out, "--no-uae").exit_code == 0
    with (out / "votes.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(r["image"], r["rater"]): {"quality": r["quality"]} for r in rows} == cohort.votes
    assert len(rows) == len(cohort.votes) == 1000
    assert {(r["kind"], r["action"], r["stands"], r["seconds"]) for r in rows} == {
        ("main", "cast", "true", "2.0")}  # fmt: skip
    assert pl.read_parquet(out / "votes.parquet").height == 1000


def test_the_biases_and_the_agreement_come_back_through_data_ratings(cohort, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report"
    invoke("study", "export", cohort.study.folder, "-o", out, "--no-uae")
    done = invoke("data", "ratings", out / "ratings.csv", "--resamples", 100, "-o", report)
    assert done.exit_code == 0
    raters = pl.read_csv(report / "raters.csv")
    found = dict(zip(raters["rater"], raters["bias"], strict=True))
    assert [found[r.id] for r in cohort.raters] == pytest.approx(BIASES, abs=0.3)
    # Two standard deviations of quality against biases of sd 1.1 and noise: known without ratings.
    figures = json.loads((report / "report.json").read_text())["ratings"]["figures"]
    expected = 4 / (4 + np.var(BIASES, ddof=1) + 0.49 + 9 / 12)  # 9/12: rounding to steps of 3
    assert figures["icc2"]["value"] == pytest.approx(expected, abs=0.08)


def test_the_table_of_labels_is_read_by_the_mapping_beside_it(cohort, tmp_path):
    out = tmp_path / "out"
    photos = cohort.study.photos
    for path, _ in cohort.votes:
        (photos / path).parent.mkdir(parents=True, exist_ok=True)
        (photos / path).touch()
    invoke("study", "export", cohort.study.folder, "-o", out, "--no-uae")
    values = tomllib.loads((out / "experiment.toml").read_text())["sources"]["study"]
    records = read_table(photos, from_mapping(TableSource, values), "study")
    score = dict(zip(LEVELS, LEVEL_SCORES, strict=True))
    for record in records[:20]:
        mine = [score[said["quality"]] for (image, _), said in cohort.votes.items()
                if image == record.name]  # fmt: skip
        assert record.aesthetic_mean == pytest.approx(np.mean(mine))
    assert len(records) == 200


def test_the_folder_release_holds_the_pictures_and_the_single_ratings(
    make_study, tmp_path, picture
):
    study = make_study(8, 'questions = ["quality", "emotion"]\nraters_per_image = 3')
    for i in range(8):
        path = study.photos / f"{i % 3}/{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    cohort = Cohort(study, 3)
    rng = np.random.default_rng(1)
    cohort.rate(lambda i, path: {"quality": str(rng.choice(LEVELS)), "emotion": "awe"})
    done = invoke("study", "export", study.folder, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    dataset, _ = read_dataset(tmp_path / "out" / "uae")
    assert dataset.format == "uae"
    assert not dataset.is_iae
    score = dict(zip(LEVELS, LEVEL_SCORES, strict=True))
    cast = sorted(score[said["quality"]] for said in cohort.votes.values())
    assert sorted(dataset.ratings.value.tolist()) == cast
    assert {record.emotion for record in dataset.records} == {"awe"}
    assert len(list((tmp_path / "out" / "uae" / "images").iterdir())) == 8


def test_changed_and_withdrawn_votes_are_exported_as_history_and_do_not_count(make_study):
    study = make_study(6)
    rater, _ = study.invite()
    first, second, _ = study.next_images(rater).assignments
    study.vote(rater, first.id, "key-0001", {"quality": "bad"})
    study.vote(rater, first.id, "key-0002", {"quality": "good"})
    study.vote(rater, second.id, "key-0003", {"quality": "fair"})
    study.undo_last(rater, "key-0004")
    history = votes_of(study).history
    assert history.select("action", "stands", "quality").rows() == [
        ("cast", False, "bad"), ("changed", True, "good"), ("cast", False, "fair"),
        ("withdrawn", False, "fair")]  # fmt: skip
    assert votes_of(study).main["quality"].to_list() == ["good"]


# Quality of raters, and screening


@pytest.fixture
def mixed(make_study):
    """A careful rater, one who answers at random, and one who presses one key; with repeats and
    gold images."""
    gold = "".join(f'[gold."{i % 3}/{i}.jpg"]\nquality = "bad"\n' for i in range(5))
    study = make_study(65, "raters_per_image = 4\n[order]\nrepeat_every = 4\nrepeat_gap = 3\n"
                       f"gold_every = 7\n{gold}")  # fmt: skip
    rng = np.random.default_rng(2)
    truth = {f"{i % 3}/{i}.jpg": LEVELS[i % 4] if i > 4 else "bad" for i in range(65)}
    made = Cohort(study, 4)

    def answer(i, path):
        if i == 2:
            return {"quality": str(rng.choice(LEVELS))}
        return {"quality": "good" if i == 3 else truth[path]}

    made.rate(answer)
    return made


def test_repeats_and_gold_images_tell_who_looks(mixed):
    careful, _, random, one_key = rater_quality(votes_of(mixed.study))
    assert (careful.gold, careful.gold_hits) == (5, 1.0)
    assert careful.repeat_agreement == 1.0
    assert careful.repeats >= 10
    assert careful.median_seconds == 2.0
    assert random.repeat_agreement < 0.9
    assert random.inconsistency > careful.inconsistency
    assert one_key.straight_lining
    assert not careful.straight_lining
    assert one_key.gold_hits == 0.0
    assert careful.name == "rater 0"


def test_screening_leaves_raters_out_of_the_labels_and_keeps_their_votes(mixed, tmp_path):
    out = tmp_path / "out"
    done = invoke("study", "export", mixed.study.folder, "-o", out, "--no-uae", "--screen", "gold")
    bad = mixed.raters[3].id
    assert f"left out of the labels: {bad} (gold)" in done.output
    votes = pl.read_csv(out / "votes.csv")
    assert set(votes.filter(pl.col("rater") == bad)["screened"]) == {"gold"}
    assert bad not in set(pl.read_csv(out / "ratings.csv")["rater"])
    assert bad in json.loads((out / "screened.json").read_text())
    # Gold images and repeats are no part of the labels either.
    labels = pl.read_csv(out / "labels.csv")
    assert labels.height == 60
    assert labels.select(pl.sum_horizontal(pl.exclude("image"))).max().item() <= 3


def test_too_few_gold_images_judge_nobody(mixed):
    raters = rater_quality(votes_of(mixed.study))
    assert screened(raters, []) == {}
    few = [replace(rater, gold=2, gold_hits=0.0) for rater in raters]
    assert screened(few, ["gold"]) == {}


# Status


def test_the_status_agrees_with_the_statistics_of_the_votes(cohort):
    status = study_status(cohort.study)
    assert (status.images, status.votes, status.wanted) == (200, 1000, 0)
    assert status.by_votes == {5: 200}
    votes = votes_of(cohort.study)
    icc = VarianceSums(votes.ratings(votes.scored)).icc()
    assert status.agreement["quality"]["icc2k"] == pytest.approx(icc.icc2k)
    assert [rater.bias for rater in status.raters] == pytest.approx(BIASES, abs=0.3)
    assert "all votes are there" in format_status(status)
    assert image_rows(status)[0].keys() == {"image", "votes", "mean", "mean_low", "mean_high"}
    assert json.loads(json.dumps(status_values(status)))["votes"] == 1000


def test_a_study_without_votes_has_a_status(make_study):
    for settings in ("", 'questions = ["emotion"]', 'questions = ["emotion", "quality"]'):
        study = make_study(4, settings)
        study.invite()
        status = study.status()
        text = format_status(status)
        assert "votes: 0 of 40 (0.0 %)" in text
        assert "no end can be expected" in text
        json.dumps(status_values(status), allow_nan=False)


def test_the_end_is_expected_by_the_rate_of_the_last_day(make_study):
    clock = [1_000_000.0]
    study = make_study(10, "raters_per_image = 2", clock=lambda: clock[0])
    rater, _ = study.invite()
    for number, now in enumerate(study.next_images(rater, 5).assignments):
        study.vote(rater, now.id, f"key-{number:04d}", {"quality": "good"})
        clock[0] += 3600
    status = study.status()
    assert status.votes_per_day == pytest.approx(24)
    assert status.expected_end_ms == pytest.approx((clock[0] + 15 * 3600) * 1000)


# Forgetting


def test_a_forgotten_rater_leaves_nothing_and_the_images_ask_for_others(make_study):
    study = make_study(20, "raters_per_image = 3")
    cohort = Cohort(study, 3)
    cohort.rate(lambda i, path: {"quality": "good"})
    gone = cohort.raters[1]
    with study.storage.reading() as connection:
        data = data_of(connection, gone.id)
    assert data["name"] == "rater 1"
    assert len(data["votes"]) == len(data["images"]) == 20
    json.dumps(data)
    with study.storage.writing() as connection:
        assert forget(connection, gone.id) == 20
    study.storage.checkpoint()
    assert gone.id.encode() not in study.storage.file.read_bytes()
    assert b"rater 1" not in study.storage.file.read_bytes()
    status = study_status(study)
    assert (status.votes, status.wanted, status.by_votes) == (40, 20, {2: 20})
    new, _ = study.invite()
    assert study.next_images(new).state == "rating"


def test_a_rater_is_forgotten_on_every_database(make_study, database):
    study = make_study(4, f'database = "{database}"')
    (gone, token), (stays, _) = study.invite(name="Anna"), study.invite()
    for rater in (gone, stays):
        for now in study.next_images(rater).assignments[:2]:
            study.vote(rater, now.id, f"key-{now.id}", {"quality": "good"})
    with study.storage.writing() as connection:
        assert forget(connection, gone.id) == 2
    status = study_status(study)
    assert (status.votes, [rater.id for rater in status.raters]) == (2, [stays.id])
    with pytest.raises(UnknownTokenError):
        study.rater(token)
    with pytest.raises(UnknownTokenError, match="was deleted"):
        study.next_images(gone)
