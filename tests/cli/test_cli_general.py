"""The command as a whole: version, help, completion, and how errors are shown."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from iae._version import __version__
from iae.cli.extras import needs_extra
from iae.cli.main import main
from iae.errors import DataError, MissingExtraError

VERBS = sorted(main.commands)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == f"iae, version {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_has_an_example_that_starts_with_it(verb: str):
    result = run(verb, "--help")
    assert result.exit_code == 0
    example = result.stdout.partition("Example")[2]
    assert f"iae {verb} " in example


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_verb_says_what_it_does(verb: str):
    options = [p for p in main.commands[verb].params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_the_short_help_option_works_too():
    assert run("-h").stdout == run("--help").stdout


def test_a_misspelt_verb_is_refused():
    result = run("scor")
    assert result.exit_code == 2
    assert "No such command 'scor'" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_IAE_COMPLETE={shell}_complete" in result.stdout


def test_completion_of_an_unknown_shell_is_refused():
    result = run("completion", "tcsh")
    assert result.exit_code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in result.stderr


def test_an_error_of_several_lines_with_control_characters_is_printed_as_one_plain_line(
    monkeypatch: pytest.MonkeyPatch,
):
    def fail() -> None:
        raise DataError("two\nlines\x1b[2J")

    monkeypatch.setitem(main.commands, "fail", click.Command("fail", callback=fail))
    result = run("fail")
    assert result.exit_code == 2
    assert result.stderr == "iae: two lines\\x1b[2J\n"


def test_a_bug_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch):
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(main.commands, "fail", click.Command("fail", callback=fail))
    with pytest.raises(ZeroDivisionError):
        run("fail")


def test_a_missing_package_is_a_sentence_that_says_how_to_install_it():
    with (
        pytest.raises(MissingExtraError, match=r"a thing needs .* pip install 'iae\[train\]'"),
        needs_extra("train", "a thing"),
    ):
        import no_such_package  # type: ignore[import-not-found]  # noqa: F401


def test_a_missing_module_of_our_own_is_a_bug():
    with (
        pytest.raises(ModuleNotFoundError, match=r"iae\.no_such_module"),
        needs_extra("train", "a thing"),
    ):
        import iae.no_such_module  # type: ignore[import-not-found]  # noqa: F401


ROOT = Path(__file__).parents[2]

WITHOUT_TRAINING = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "timm", "lightning", "onnx", "safetensors"):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


sys.meta_path.insert(0, Blocked())
from iae.cli.main import main

main(prog_name="iae")
"""


@pytest.mark.parametrize(
    ("verb", "needed_for"),
    [("train", "iae train"), ("export", "iae export"), ("evaluate", "evaluating a checkpoint")],
)
def test_without_the_training_extra_its_verbs_say_what_to_install(
    verb: str, needed_for: str, toy_run: Path
):
    argument = ROOT / "experiments" / "default.toml" if verb == "train" else toy_run / "best"
    words = [sys.executable, "-c", WITHOUT_TRAINING, verb, str(argument)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        f"iae: {needed_for} needs packages that are not installed; run: pip install 'iae[train]'\n"
    )


def test_without_the_training_extra_photos_are_scored(
    toy_onnx: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    photo = toy_roots["labelled"] / "00.jpg"
    words = [sys.executable, "-c", WITHOUT_TRAINING, "score", str(photo), "-o", str(tmp_path),
             "--model", str(toy_onnx)]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is full")
def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path):
    (tmp_path / "labels.csv").write_text("image,emotion\na.jpg,awe\n")
    start = "from iae.cli.main import main; main(prog_name='iae')"
    words = [sys.executable, "-c", start, "data", "stats", str(tmp_path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "iae: the disk is full: what was to be printed is incomplete\n"
