"""The commands: a study made, links given out, looked at, copied, and a rater forgotten."""

import csv
import json
import re
import tomllib

import pytest
from click.testing import CliRunner

from iae.cli.main import main
from iae.study.service import open_study


def invoke(*arguments, expect=0, typed=None):
    done = CliRunner().invoke(main, ["study", *map(str, arguments)], input=typed)
    assert done.exit_code == expect, done.output
    return done.output


@pytest.fixture
def photos(tmp_path, picture):
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "more/c.png"):
        picture.save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture
def folder(tmp_path, photos):
    folder = tmp_path / "study"
    invoke("new", folder, "--photos", photos, "--raters", 2)
    return folder


def vote(folder, rater_link, level="good"):
    with open_study(folder) as study:
        rater = study.rater(rater_link.rsplit("/", 1)[1])
        rater = study.consent(rater, study.consent_version)
        for now in study.next_images(rater).assignments:
            study.vote(rater, now.id, f"key-{now.id}", {"quality": level}, 1.5)
    return rater.id


def test_a_new_study_lists_the_photos_and_says_what_is_next(tmp_path, photos):
    folder = tmp_path / "study"
    out = invoke("new", folder, "--photos", photos, "--question", "both", "--title", 'My "best"')
    assert "3 photos, 10 raters each: 30 votes wanted" in out
    assert "next: iae study invite" in out
    settings = tomllib.loads((folder / "study.toml").read_text("utf-8"))
    assert settings["title"] == 'My "best"'
    assert settings["questions"] == ["quality", "emotion"]


def test_a_settings_file_is_taken_over_and_nothing_is_said_twice(tmp_path, photos):
    more = tmp_path / "more.toml"
    more.write_text("raters_per_image = 4\n[order]\nblocks = 'folder'\n")
    out = invoke("new", tmp_path / "one", "--photos", photos, "--settings", more)
    assert "12 votes wanted" in out
    with open_study(tmp_path / "one") as study:
        assert study.settings.order.blocks == "folder"
        assert study.title == "one"
    out = invoke("new", tmp_path / "two", "--photos", photos, "--settings", more, "--raters", 3,
                 expect=2)  # fmt: skip
    assert "sets 'raters_per_image' and the command line too" in out


def test_a_study_of_a_data_set_shows_its_pictures(tmp_path, photos):
    (photos / "labels.csv").write_text("image,score\na.jpg,3\nmore/c.png,4\n")
    out = invoke("new", tmp_path / "s", "--dataset", photos / "labels.csv", "--raters", 1)
    assert "2 photos" in out


def test_a_study_needs_photos(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no photo" in invoke("new", tmp_path / "s", "--photos", tmp_path / "empty",
                                      expect=2)  # fmt: skip
    assert "there is no folder" in invoke("new", tmp_path / "s", "--photos", tmp_path / "no",
                                          expect=2)  # fmt: skip
    assert "one of them" in invoke("new", tmp_path / "s", expect=2)
    assert not (tmp_path / "s").exists()


def test_links_are_printed_or_written_and_withdrawn(folder, tmp_path):
    out = invoke("invite", folder, "--name", "Anna", "--base-url", "https://x.org/")
    assert re.fullmatch(r"r[0-9a-f]{8}  https://x.org/join/[\w-]{43}  Anna\n", out)
    links = tmp_path / "links.csv"
    assert "3 links in" in invoke("invite", folder, "--count", 3, "-o", links)
    rows = list(csv.DictReader(links.read_text().splitlines()))
    assert len({row["link"] for row in rows}) == 3
    assert "opens nothing any more" in invoke("invite", folder, "--revoke", rows[0]["rater"])
    assert "no rater is called 'r0'" in invoke("invite", folder, "--revoke", "r0", expect=2)
    assert "neither a number of days" in invoke("invite", folder, "--expires", "soon", expect=2)
    assert "is over" in invoke("invite", folder, "--expires", "2020-01-01", expect=2)
    assert invoke("invite", folder, "--expires", "30")
    assert "leave out --count" in invoke("invite", folder, "--count", 2, "--name", "A", expect=2)


def test_links_lead_to_where_the_server_listens_unless_told_otherwise(folder):
    serve = main.commands["study"].commands["serve"]
    port = next(option.default for option in serve.params if option.name == "port")
    assert f"http://127.0.0.1:{port}/join/" in invoke("invite", folder)


def test_the_status_says_votes_agreement_and_raters(folder, tmp_path):
    first, second = (invoke("invite", folder).split()[1] for _ in range(2))
    rater = vote(folder, first)
    vote(folder, second, "fair")
    out = invoke("status", folder, "--images", tmp_path / "images.csv")
    assert "votes: 6 of 6 (100.0 %), 2 an image" in out
    assert rater in out
    assert len(list(csv.DictReader((tmp_path / "images.csv").read_text().splitlines()))) == 3
    values = json.loads(invoke("status", folder, "--json"))
    assert values["votes"] == 6
    assert [one["bias"] for one in values["raters"]] == pytest.approx([1.5, -1.5])


def test_a_copy_is_a_study_again(folder, tmp_path):
    vote(folder, invoke("invite", folder).split()[1])
    copy = tmp_path / "copy"
    invoke("backup", folder, "-o", copy / "study.db")
    (copy / "study.toml").write_bytes((folder / "study.toml").read_bytes())
    assert "votes: 3 of 6" in invoke("status", copy)


def test_forgetting_asks_first_and_gives_a_copy(folder, tmp_path):
    rater = vote(folder, invoke("invite", folder).split()[1])
    copy = tmp_path / "copy.json"
    assert "wrote" in invoke("forget", folder, rater, "-o", copy, "--only-export")
    assert len(json.loads(copy.read_text())["votes"]) == 3
    invoke("forget", folder, rater, typed="n\n", expect=1)
    assert "votes: 3 of 6" in invoke("status", folder)
    assert f"deleted {rater} and 3 votes" in invoke("forget", folder, rater, "--yes")
    assert "votes: 0 of 6" in invoke("status", folder)
    assert "no rater is called" in invoke("forget", folder, rater, "--yes", expect=2)


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path):
    out = invoke("status", tmp_path, expect=2)
    assert f"there is no study at {tmp_path}; make one: iae study new" in out
    assert out.count("\n") == 1
