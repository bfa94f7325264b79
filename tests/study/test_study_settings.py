"""What ``study.toml`` may say, what raters read, and what may not change any more."""

import dataclasses
import re
import string
import tomllib
from pathlib import Path

import pytest

from iae.errors import ConfigError
from iae.labels import EMOTIONS, LEVELS
from iae.study.errors import StudyError
from iae.study.service import open_study
from iae.study.settings import (
    OrderSettings,
    PauseSettings,
    Scale,
    ScaleLevel,
    StudySettings,
    load_settings,
)
from iae.study.texts import KNOWN_LANGUAGES, language_file

INTEREST = """
questions = ["quality", "interest"]
[scales.interest]
text = { en = "How interesting is it?", de = "Wie interessant ist es?" }
[[scales.interest.levels]]
name = "dull"
score = 0.0
label = { en = "Dull", de = "Langweilig" }
[[scales.interest.levels]]
name = "gripping"
score = 100.0
keys = "2g"
"""


def rewrite(study, old, new):
    path = study.folder / "study.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    study.close()


@pytest.mark.parametrize("language", KNOWN_LANGUAGES)
def test_every_language_says_everything_with_the_same_blanks(language):
    english, other = language_file("en"), language_file(language)

    def blanks(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    for table, words in english.items():
        assert list(other[table]) == list(words)
        assert [blanks(text) for text in other[table].values()] == [
            blanks(text) for text in words.values()]  # fmt: skip
    assert list(english["quality"])[1:] == list(reversed(LEVELS))
    assert list(english["emotion"])[1:] == list(EMOTIONS)


def test_quality_is_asked_best_first_with_numbers_and_initials(make_study):
    (quality,) = make_study().questions("en")
    assert [(level.name, level.keys) for level in quality.levels] == [
        ("excellent", "1e"), ("good", "2g"), ("fair", "3f"), ("bad", "4b")]  # fmt: skip
    assert quality.text == "How good does this photo look?"


def test_emotion_is_asked_with_eight_numbers_in_any_language(make_study):
    study = make_study(settings='questions = ["emotion"]\nlanguages = ["de", "zh"]')
    (emotion,) = study.questions("zh")
    assert "".join(level.keys for level in emotion.levels) == "12345678"
    assert emotion.levels[2].label == "敬畏"
    assert study.questions("fr") == study.questions("de")
    assert study.texts("fr")["undo"] == "Rückgängig"


def test_an_own_scale_is_asked_and_counted(make_study):
    study = make_study(3, INTEREST)
    _, interest = study.questions("de")
    assert interest.text == "Wie interessant ist es?"
    assert [(level.label, level.keys) for level in interest.levels] == [
        ("Langweilig", "1"), ("gripping", "2g")]  # fmt: skip
    rater, _ = study.invite()
    now = study.next_images(rater).assignments[0]
    study.vote(rater, now.id, "key-0001", {"quality": "good", "interest": "gripping"})
    assert study.status().agreement.keys() == {"quality", "interest"}


def test_own_words_replace_those_of_the_program(make_study):
    study = make_study(settings='[texts.en]\nconsent = "Ours."')
    assert study.texts("en")["consent"] == "Ours."
    assert study.texts("de")["consent"] != "Ours."
    assert study.texts("en")["title"] == "A study"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"questions": ("qualty",)}, "no question is called 'qualty'; known: quality, emotion"),
        ({"questions": ()}, "at least one question"),
        ({"questions": ("quality", "quality")}, "none twice"),
        ({"raters_per_image": 0}, "raters_per_image must be 1 or more, got 0"),
        ({"lease_minutes": 0.0}, "lease_minutes must be positive"),
        ({"languages": ("fr",)}, "languages must be some of en, zh, de"),
    ],
)
def test_a_wrong_setting_is_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        StudySettings(title="t", photos="p", **changes)


def test_a_scale_has_levels_that_differ_and_scores_for_all_or_none():
    dull, fine = ScaleLevel(name="dull", score=1.0), ScaleLevel(name="fine")
    with pytest.raises(ConfigError, match="two to nine levels"):
        Scale(levels=(fine,))
    with pytest.raises(ConfigError, match="a score each, all different, or none"):
        Scale(levels=(dull, fine))
    with pytest.raises(ConfigError, match="small letters"):
        ScaleLevel(name="Très bien")


@pytest.mark.parametrize(
    ("text", "message"),
    [("title = ", "Invalid value"), ('title = "t"', "lacks the setting 'photos'"),
     ('title = "t"\nphotos = "p"\nrater = 3', "unknown setting 'rater'"),
     ('title = "t"\nphotos = "p"\n[order]\ngold_every = 5', "no photo has a known answer")],
)  # fmt: skip
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, text, message):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"study.toml: .*{message}"):
        load_settings(path)


def test_questions_are_fixed_and_pauses_and_words_are_not(make_study):
    study = make_study(4, 'questions = ["quality"]\n[pause]\nevery = 10')
    rater, _ = study.invite()
    now = study.next_images(rater).assignments[0]
    study.vote(rater, now.id, "key-0001", {"quality": "good"})
    rewrite(study, "every = 10", "every = 20")
    with open_study(study.folder) as again:
        assert again.settings.pause.every == 20
    rewrite(study, '["quality"]', '["emotion"]')
    with pytest.raises(StudyError, match="votes were cast on the old ones: take the change back"):
        open_study(study.folder)


def test_a_gold_image_that_is_not_there_leaves_no_half_study(tmp_path, make_study):
    folder = tmp_path / "half"
    with pytest.raises(StudyError, match=r"the gold image 'x\.jpg' is not among the photos"):
        make_study(3, '[order]\ngold_every = 2\n[gold."x.jpg"]\nquality = "bad"', folder=folder)
    assert list(folder.iterdir()) == []


def test_a_second_study_does_not_go_into_the_same_folder_or_database(make_study, postgres_database):
    study = make_study(3)
    with pytest.raises(StudyError, match="holds a study already"):
        make_study(3, folder=study.folder)
    settings = f'database = "{postgres_database}"'
    make_study(3, settings)
    with pytest.raises(StudyError, match="the database holds a study already"):
        make_study(3, settings, folder=study.folder.parent / "other")


def test_every_setting_is_documented_with_its_default():
    page = Path(__file__).parents[2] / "docs" / "study.md"
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \|", page.read_text("utf-8"), re.MULTILINE))
    kinds = {"": StudySettings, "order.": OrderSettings, "pause.": PauseSettings}
    for table, kind in kinds.items():
        for field in dataclasses.fields(kind):
            if field.name in ("order", "pause"):
                continue
            said = rows[table + field.name]
            if said.startswith("`"):
                default = tomllib.loads(f"x = {said.strip('`')}")["x"]
                expected = field.default
                assert default == (list(expected) if isinstance(expected, tuple) else expected)
