"""Figures of an evaluation against scipy, scikit-learn and numbers worked by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from iae.data.records import ImageRecord
from iae.evaluate.compare import Comparison, compare_predictions
from iae.evaluate.emotion import published_bars_correlation
from iae.evaluate.model import Predictions
from iae.evaluate.output import format_report, write_report
from iae.evaluate.pictures import write_figures
from iae.evaluate.report import Report, SourceReport, evaluate_predictions
from iae.evaluate.worst import worst_mistakes
from iae.labels import EMOTIONS, LEVEL_SCORES
from iae.metrics import Calibration, calibrated_ece, expected_calibration_error

RNG = np.random.default_rng(0)
COUNT = 60
LEVELS = RNG.dirichlet(np.ones(4), COUNT)
MOODS = RNG.dirichlet(np.ones(8), COUNT)
SCORE = LEVELS @ np.array(LEVEL_SCORES)
RATED = np.clip(SCORE + RNG.normal(0, 1.5, COUNT), 1, 10)
GUESSED = RNG.random(COUNT) < 0.4
LABELS = np.where(GUESSED, MOODS.argmax(axis=1), RNG.integers(0, 8, COUNT)).clip(max=6)
"""Sadness, the last, is what no photo is labelled with."""
SHARES = RNG.dirichlet(np.ones(4), COUNT)
SIGMA = 1.3
CALIBRATION = Calibration(high_sigma=SIGMA, margin_if_low=1.0, margin_if_high=2.0)


def record(i: int, source: str = "s", **labels: object) -> ImageRecord:
    known = {
        "aesthetic_mean": float(RATED[i]),
        "level_shares": tuple(SHARES[i]),
        "emotion": EMOTIONS[LABELS[i]],
        **labels,
    }
    return ImageRecord(path=Path(f"{i}.jpg"), name=f"{i}.jpg", source=source, **known)  # type: ignore[arg-type]


def predictions(records: list[ImageRecord], **changes: object) -> Predictions:
    count = len(records)
    return Predictions(records, LEVELS[:count], MOODS[:count], **{"unreadable": [], **changes})  # type: ignore[arg-type]


def report_on(records: list[ImageRecord], resamples: int = 100) -> SourceReport:
    reports = evaluate_predictions(
        predictions(records), calibration=CALIBRATION, resamples=resamples
    )
    assert list(reports) == ["s"]
    return reports["s"]


@pytest.fixture(scope="module")
def full() -> SourceReport:
    return report_on([record(i) for i in range(COUNT)])


PREDICTED = MOODS.argmax(axis=1)
POSITIVE = MOODS[:, :4].sum(axis=1) >= 0.5
REFERENCES = {
    "srcc": stats.spearmanr(SCORE, RATED).statistic,
    "plcc": stats.pearsonr(SCORE, RATED).statistic,
    "mae": np.abs(SCORE - RATED).mean(),
    "high_low_accuracy": accuracy_score(RATED >= 5, SCORE >= 5),
    "emd": np.mean([stats.wasserstein_distance(range(4), range(4), p, q) / 4
                    for p, q in zip(LEVELS, SHARES, strict=True)]),
    "emotion_accuracy": accuracy_score(LABELS, PREDICTED),
    "emotion_macro_f1": f1_score(LABELS, PREDICTED, average="macro"),
    "polarity_accuracy": accuracy_score(LABELS < 4, POSITIVE),
}  # fmt: skip


@pytest.mark.parametrize("figure", REFERENCES)
def test_a_figure_agrees_with_scipy_and_scikit_learn(full: SourceReport, figure: str):
    assert full.figures[figure].value == pytest.approx(REFERENCES[figure])


def test_the_spread_figures_compare_standard_deviations_of_ratings(full: SourceReport):
    def spread(shares: np.ndarray) -> np.ndarray:
        return np.array([stats.rv_discrete(values=(LEVEL_SCORES, p)).std() for p in shares])

    gap = np.abs(spread(LEVELS) - spread(SHARES)).mean()
    correlation = stats.spearmanr(spread(LEVELS), spread(SHARES)).statistic
    assert full.figures["std_mae"].value == pytest.approx(gap)
    assert full.figures["std_srcc"].value == pytest.approx(correlation)


def test_calibration_of_the_chance_of_high_is_measured_in_fifteen_bins(full: SourceReport):
    stated = stats.norm.cdf((SCORE - 5) / SIGMA)
    total = 0.0
    for low in np.arange(15) / 15:
        inside = (stated > low) & (stated <= low + 1 / 15)
        if inside.any():
            total += inside.sum() * abs(stated[inside].mean() - (RATED[inside] >= 5).mean())
    assert full.figures["high_prob_ece"].value == pytest.approx(total / COUNT)


def test_the_interval_of_an_ece_reaches_below_it(full: SourceReport):
    for name in ("high_prob_ece", "emotion_ece"):
        value, low, high = full.figures[name]
        assert 0 <= low < value
        assert low < high


def test_the_baseline_of_an_ece_is_what_a_calibrated_model_shows(full: SourceReport):
    assert full.baselines["emotion_ece"] == calibrated_ece(MOODS.max(axis=1))
    assert full.baselines["high_prob_ece"] == calibrated_ece(stats.norm.cdf((SCORE - 5) / SIGMA))


def test_coverage_is_the_share_of_ratings_within_the_margin_of_their_side(full: SourceReport):
    low = SCORE < 5
    held = np.abs(RATED - SCORE) <= np.where(low, 1.0, 2.0)
    bounds = np.clip([SCORE - np.where(low, 1.0, 2.0), SCORE + np.where(low, 1.0, 2.0)], 1, 10)
    assert {name: full.figures[name].value for name in full.figures if "interval" in name} == (
        pytest.approx({
            "interval_coverage": held.mean(),
            "interval_coverage_if_low": held[low].mean(),
            "interval_coverage_if_high": held[~low].mean(),
            "interval_width": (bounds[1] - bounds[0]).mean(),
        })
    )  # fmt: skip


def test_a_model_that_states_no_interval_has_no_coverage():
    given = predictions([record(i) for i in range(COUNT)])
    found = evaluate_predictions(given, calibration=Calibration(), resamples=100)["s"]
    assert not [name for name in found.figures if "interval" in name]


@pytest.mark.parametrize(("polarity", "wanted"), [("positive", True), ("negative", False)])
def test_the_rows_of_the_polarities_agree_with_scikit_learn(
    full: SourceReport, polarity: str, wanted: bool
):
    row = full.polarities[polarity]
    for name, reference in (("precision", precision_score), ("recall", recall_score),
                            ("f1", f1_score)):  # fmt: skip
        assert row[name].value == pytest.approx(reference(LABELS < 4, POSITIVE, pos_label=wanted))
        assert row[name].low <= row[name].value <= row[name].high


def test_the_calibration_error_of_a_polarity_is_that_of_the_photos_called_so(full: SourceReport):
    stated = MOODS[:, :4].sum(axis=1)
    for polarity, said, prob, truth in (
        ("positive", POSITIVE, stated, LABELS < 4),
        ("negative", ~POSITIVE, 1 - stated, LABELS >= 4),
    ):
        wanted = expected_calibration_error(prob[said], truth[said])
        assert full.polarities[polarity]["ece"].value == pytest.approx(wanted)


def test_a_polarity_that_is_never_said_has_no_precision():
    joy = np.tile([0.9, 0.1, 0, 0, 0, 0, 0, 0], (4, 1))
    given = Predictions([record(i) for i in range(4)], LEVELS[:4], joy, [])
    row = evaluate_predictions(given, calibration=CALIBRATION, resamples=20)["s"].polarities
    assert math.isnan(row["negative"]["precision"].value)
    assert math.isnan(row["negative"]["ece"].value)


def test_every_interval_holds_its_value(full: SourceReport):
    for name, (value, low, high) in full.figures.items():
        if not name.endswith("ece"):  # biased upwards: its own interval lies lower
            assert low <= value <= high, name


def test_the_confusion_agrees_with_scikit_learn(full: SourceReport):
    wanted = confusion_matrix(LABELS, PREDICTED, labels=range(8))
    assert full.confusion == wanted.tolist()


def test_the_rows_of_the_emotions_agree_with_scikit_learn(full: SourceReport):
    with np.errstate(all="ignore"):
        wanted = precision_score(LABELS, PREDICTED, labels=range(7), average=None, zero_division=0)
        f1 = f1_score(LABELS, PREDICTED, labels=range(7), average=None, zero_division=0)
    rows = [full.emotions[name] for name in EMOTIONS[:7]]
    assert [row["precision"] for row in rows] == pytest.approx(wanted)
    assert [row["f1"] for row in rows] == pytest.approx(f1)
    assert [row["photos"] for row in rows] == np.bincount(LABELS, minlength=7).tolist()


def test_an_emotion_that_no_photo_is_labelled_with_has_no_recall(full: SourceReport):
    row = full.emotions["sadness"]
    assert row["photos"] == 0
    assert math.isnan(row["recall"])
    assert math.isnan(row["high_at_5"])


def test_baselines_are_what_a_model_without_eyes_would_get(full: SourceReport):
    most = np.bincount(LABELS).argmax()
    truth = {
        "srcc": 0.0,
        "plcc": 0.0,
        "mae": np.abs(RATED - np.median(RATED)).mean(),
        "high_low_accuracy": max((RATED >= 5).mean(), (RATED < 5).mean()),
        "emotion_accuracy": (most == LABELS).mean(),
        "emotion_macro_f1": f1_score(LABELS, np.full(COUNT, most), average="macro"),
        "polarity_accuracy": max((LABELS < 4).mean(), (LABELS >= 4).mean()),
    }
    assert {name: full.baselines[name] for name in truth} == pytest.approx(truth)


def test_the_baseline_of_the_shares_is_their_mean_distribution(full: SourceReport):
    mean = SHARES.mean(axis=0)
    distances = [stats.wasserstein_distance(range(4), range(4), mean, q) / 4 for q in SHARES]
    assert full.baselines["emd"] == pytest.approx(np.mean(distances))


def test_each_data_set_has_its_own_figures():
    records = [record(i, source="ab"[i % 2]) for i in range(COUNT)]
    reports = evaluate_predictions(predictions(records), calibration=CALIBRATION, resamples=100)
    for name, rows in (("a", slice(0, None, 2)), ("b", slice(1, None, 2))):
        wanted = stats.spearmanr(SCORE[rows], RATED[rows]).statistic
        assert reports[name].figures["srcc"].value == pytest.approx(wanted)
        assert reports[name].photos == COUNT // 2


def test_a_data_set_of_which_no_photo_could_be_read_is_reported_too():
    lost = [(record(0, source="lost"), "gone"), (record(1, source="lost"), "empty")]
    given = predictions([record(i) for i in range(COUNT)], unreadable=lost)
    reports = evaluate_predictions(given, calibration=CALIBRATION, resamples=100)
    assert reports["lost"].photos == 0
    assert reports["lost"].unreadable == {"0.jpg": "gone", "1.jpg": "empty"}
    assert reports["lost"].figures == {}


def test_a_task_without_labels_has_no_figures():
    unrated = report_on([record(i, aesthetic_mean=None, level_shares=None) for i in range(20)])
    assert "srcc" not in unrated.figures
    assert "emotion_accuracy" in unrated.figures
    unfelt = report_on([record(i, emotion=None) for i in range(20)])
    assert "emotion_accuracy" not in unfelt.figures
    assert unfelt.emotions == {}


def test_a_photo_without_a_label_does_not_count_for_that_task():
    records = [record(i, **({} if i % 3 else {"aesthetic_mean": None})) for i in range(COUNT)]
    rated = np.arange(COUNT) % 3 > 0
    wanted = stats.spearmanr(SCORE[rated], RATED[rated]).statistic
    assert report_on(records).figures["srcc"].value == pytest.approx(wanted)


def test_photos_of_one_group_are_drawn_together_which_widens_the_interval():
    def width(records: list[ImageRecord]) -> float:
        _, low, high = report_on(records, resamples=400).figures["mae"]
        return high - low

    # Twelve near-copies of each of five photos are five photos' worth of evidence.
    error = np.abs(SCORE - RATED)
    order = np.argsort(error)
    scenes = {int(i): f"scene {rank // 12}" for rank, i in enumerate(order)}
    alone = [record(i) for i in range(COUNT)]
    together = [record(i, group=scenes[i]) for i in range(COUNT)]
    assert width(together) > 1.5 * width(alone)


def test_the_correlation_with_the_published_bars_is_one_for_the_bars_themselves(full: SourceReport):
    rows = {name: {**row, "photos": 1.0, "high_at_5": row["published_high"]}
            for name, row in full.emotions.items()}  # fmt: skip
    assert published_bars_correlation(rows, "high_at_5") == pytest.approx(1)


def test_one_emotion_alone_correlates_with_nothing(full: SourceReport):
    rows = {"awe": {**full.emotions["awe"], "photos": 3.0}}
    assert math.isnan(published_bars_correlation(rows, "high_at_5"))


@pytest.fixture
def report() -> Report:
    records = [record(i) for i in range(COUNT)]
    lost = record(0)
    given = predictions(records, unreadable=[(lost, "the file is empty (0 bytes)")])
    sources = evaluate_predictions(given, calibration=CALIBRATION, resamples=100)
    against = Comparison(model="other.onnx", photos={"s": COUNT}, known=3,
                         sources=compare_predictions([given], [given], resamples=100))  # fmt: skip
    return Report(model="toy.onnx", split="test", sources=sources, worst=worst_mistakes(given),
                  against=against)  # fmt: skip


def test_the_text_has_each_figure_with_its_interval_and_baseline(report: Report):
    value, low, high = report.sources["s"].figures["srcc"]
    line = next(line for line in format_report(report).splitlines() if "srcc " in line)
    assert line.split() == ["srcc", f"{value:.3f}", f"{low:.3f}", "–", f"{high:.3f}", "0.000"]


def test_the_text_says_how_the_other_model_does_and_what_it_may_have_seen(report: Report):
    text = format_report(report)
    value = report.sources["s"].figures["srcc"].value
    lines = text[text.index("against: other.onnx") :].splitlines()
    assert lines[1].startswith("  caution: 3 of these photos are no test photos in its own split")
    line = next(line for line in lines if "srcc" in line)
    assert line.split() == ["srcc", f"{value:.3f}", f"{value:.3f}", "+0.000", "+0.000", "–",
                            "+0.000"]  # fmt: skip


def test_the_text_has_both_polarities_with_their_intervals(report: Report):
    value, low, high = report.sources["s"].polarities["negative"]["precision"]
    line = next(line for line in format_report(report).splitlines() if "  negative " in line)
    assert line.split()[1:4] == [f"{value:.3f}", f"[{low:.3f},", f"{high:.3f}]"]


def test_the_text_has_the_confusion_matrix_with_its_labels_in_rows(report: Report):
    lines = format_report(report).splitlines()
    start = next(i for i, line in enumerate(lines) if "labelled in rows" in line)
    assert lines[start + 1].split() == list(EMOTIONS)
    rows = [line.split() for line in lines[start + 2 : start + 10]]
    assert [row[0] for row in rows] == list(EMOTIONS)
    assert [[int(count) for count in row[1:]] for row in rows] == report.sources["s"].confusion


def test_the_text_names_model_split_and_unreadable_photos(report: Report):
    text = format_report(report)
    assert "model: toy.onnx\nsplit: test\n" in text
    assert "1 unreadable photos left out:\n    0.jpg: the file is empty (0 bytes)" in text


def test_a_figure_that_is_not_defined_is_null_in_the_json(report: Report, tmp_path: Path):
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    paths = write_report(tmp_path, report)
    text = (tmp_path / "report.json").read_text("utf-8")
    parsed = json.loads(text, parse_constant=refuse)  # called for NaN and Infinity
    source = parsed["sources"]["s"]
    assert source["emotions"]["sadness"]["recall"] is None
    assert set(source["figures"]["srcc"]) == {"value", "low", "high"}
    assert set(source["polarities"]["positive"]["f1"]) == {"value", "low", "high"}
    assert len(parsed["worst"]["emotion"]) == 24
    gain = parsed["against"]["sources"]["s"]["srcc"]["difference"]
    assert gain == {"value": 0, "low": 0, "high": 0}
    assert paths == [tmp_path / "report.txt", tmp_path / "report.json"]


def test_there_is_a_picture_for_each_task_and_data_set(tmp_path: Path):
    records = [record(i, source="ab"[i % 2]) for i in range(COUNT)]
    records[0] = record(0, source="c", emotion=None)
    given = predictions(records)  # of files that are gone: their places on the sheets stay empty
    written = write_figures(tmp_path, given, worst_mistakes(given), calibration=CALIBRATION)
    both = ("scores", "high-reliability", "confusion", "emotion-reliability")
    wanted = {f"{source}-{kind}.png" for source in "ab" for kind in both}
    sheets = {"worst-aesthetic.png", "worst-emotion.png"}
    assert {path.name for path in written} == wanted | sheets | {
        "c-scores.png", "c-high-reliability.png"}  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
