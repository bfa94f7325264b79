from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iae.cli.data.options import FORMAT_NAMES
from iae.cli.main import main
from iae.data.read import FORMATS


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def info(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", "info", *map(str, words)])


def test_it_says_what_the_path_is_why_and_what_is_in_it(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe", "b.jpg,awe", "c.jpg,sad")
    assert info(tmp_path).stdout.splitlines() == [
        "format: table (labels.csv has the columns image, emotion)",
        "images: 3",
        "emotion label: 2 awe, 1 sadness",
        "note: columns by their names: image=image, labels from emotion",
        "note: 'sad' is read as sadness",
    ]


def test_a_stated_format_is_the_reason(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe")
    assert info(tmp_path, "--format", "table").stdout.startswith("format: table (you said so)\n")


def test_places_that_contradict_the_format_are_one_line_on_standard_error(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe", "b.jpg,x", "c.jpg")
    result = info(tmp_path)
    assert result.exit_code == 0
    assert result.stderr.count("\n") == 1
    assert "2 places in" in result.stderr
    assert "iae data check" in result.stderr


def test_what_cannot_be_read_is_one_line_and_exit_code_2(tmp_path):
    result = info(tmp_path / "nowhere")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "there is no" in result.stderr


def test_names_cannot_steer_the_terminal(tmp_path):
    folder = tmp_path / "set"
    for name in ("awe", "fear", "x\x1b[2Jy"):
        write(folder / name / "1.jpg")
    assert "\x1b" not in info(folder).stdout
    assert "x\\x1b[2Jy" in info(folder).stdout


def test_a_mapping_says_what_the_columns_mean(tmp_path):
    write(tmp_path / "t.csv", "photo,mood,stars", "a.jpg,awe,5", "b.jpg,fear,1")
    mapping = write(tmp_path / "map.toml", 'table = "t.csv"', 'image = "photo"',
                    'emotion = "mood"', 'aesthetic_mean = "stars"', "scale = [1, 5]")  # fmt: skip
    lines = info(tmp_path, "--mapping", mapping).stdout.splitlines()
    assert lines[0] == "format: table (a mapping was given)"
    assert "aesthetic score: 2 images" in lines


def test_one_source_of_an_experiment_is_named(tmp_path):
    write(tmp_path / "t.csv", "photo,mood", "a.jpg,awe")
    mapping = write(tmp_path / "e.toml", 'licence = "none"', "[sources.one]", 'table = "t.csv"',
                    'image = "photo"', 'emotion = "mood"', "[sources.two]")  # fmt: skip
    refused = info(tmp_path, "--mapping", mapping)
    assert refused.exit_code == 2
    assert "one, two; name one with --source" in refused.stderr
    assert "images: 1" in info(tmp_path, "--mapping", mapping, "--source", "one").stdout


def test_an_order_of_emotions_must_name_each_once():
    result = info("x", "--emotion-order", "awe,fear")
    assert result.exit_code == 2
    assert "does not name each of amusement" in result.stderr


def test_an_option_that_the_format_does_not_take_is_refused(tmp_path):
    for name in ("awe", "fear"):
        write(tmp_path / name / "1.jpg")
    result = info(tmp_path, "--scale", 1, 5)
    assert result.exit_code == 2
    assert "the format 'folders' takes no --scale" in result.stderr


def test_one_place_that_contradicts_is_said_in_the_singular(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe", "b.jpg,x")
    assert "1 place in" in info(tmp_path).stderr


def test_a_place_cannot_steer_the_terminal(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe", "b.jpg,x\x1b[2J")
    result = CliRunner().invoke(main, ["data", "info", str(tmp_path)], color=True)
    assert "x\\x1b[2J" in result.stderr


def test_a_source_without_a_mapping_is_refused(tmp_path):
    write(tmp_path / "labels.csv", "image,emotion", "a.jpg,awe")
    result = info(tmp_path, "--source", "para")
    assert result.exit_code == 2
    assert "--source names a part of --mapping" in result.stderr


@pytest.mark.parametrize("scale", [("5", "1"), ("1", "1"), ("nan", "5"), ("0", "inf")])
def test_a_scale_is_two_numbers_the_lower_one_first(tmp_path, scale):
    result = info(tmp_path, "--scale", *scale)
    assert result.exit_code == 2
    assert "wanted two numbers, the lower one first" in result.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"image,score\n", "has no rows"), (b"", "has no rows"),
     ("image,score\ncaf\u00e9.jpg,3\n".encode("latin-1"), "is not UTF-8 text"),
     ("image,score\na.jpg,3\n".encode("utf-16"), "is not UTF-8 text"),
     (b'image,score\n"a.jpg,3\n', r"labels.csv:2: unexpected end"),
     (b"photo_title,stars\nx,3\n", r"what its columns mean (photo_title, stars)")],
)  # fmt: skip
def test_the_only_table_is_said_to_be_wrong_and_how(tmp_path, content, problem):
    (tmp_path / "labels.csv").write_bytes(content)
    result = info(tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert problem in result.stderr


def test_a_mapping_that_is_not_there_is_one_plain_line(tmp_path):
    result = info(tmp_path, "--mapping", tmp_path / "no.toml")
    assert result.stderr == (
        f"iae: cannot read the mapping {tmp_path / 'no.toml'}: No such file or directory\n"
    )


def test_help_names_every_format_that_is_read():
    assert tuple(format.name for format in FORMATS) == FORMAT_NAMES
    assert "phototriage" in info("--help").stdout
