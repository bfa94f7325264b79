from pathlib import Path

from click.testing import CliRunner, Result

from iae.cli.main import main


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
