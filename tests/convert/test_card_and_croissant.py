import hashlib
import json
import logging
import warnings
from dataclasses import replace

import pytest
import yaml
from whole_sets import whole_set, written

from iae.convert import imagefolder, parquet, webdataset

FORMS = [pytest.param(form.TARGET, id=form.TARGET.name)
         for form in (imagefolder, parquet, webdataset)]  # fmt: skip
every_form = pytest.mark.parametrize("target", FORMS)


def header(text: str) -> dict[str, object]:
    return yaml.safe_load(text.split("---\n")[1])


@every_form
def test_the_card_has_a_header_that_the_hub_reads(target, tmp_path):
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    card = header((tmp_path / "out" / "README.md").read_text("utf-8"))
    assert card["license"] == "other"
    assert card["size_categories"] == ["n<1K"]
    (config,) = card["configs"]
    assert [part["split"] for part in config["data_files"]] == [
        "train", "validation", "test", "unassigned"]  # fmt: skip
    for part in config["data_files"]:
        assert list((tmp_path / "out").glob(part["path"]))
    assert card["dataset_info"]["features"]


@every_form
def test_the_card_says_that_damaged_pictures_were_not_looked_for(target, tmp_path):
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "they were not decoded, `iae data check` finds damaged ones" in card


@every_form
def test_the_card_says_what_was_lost_and_explains_every_column(target, tmp_path):
    source = whole_set(tmp_path / "source")
    source.records[2].path.unlink()
    written(target, source, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "* 1 images whose picture cannot be read are left out" in card
    for column in ("file_name", "votes_awe", "count_3.25", "attribute_light", "raters"):
        assert f"| `{column}` | " in card
    assert "* a note" in card


def test_a_complete_copy_says_so(tmp_path):
    source = replace(whole_set(tmp_path / "source"), notes=[])
    written(imagefolder.TARGET, source, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "* nothing was lost in the conversion" in card
    assert "What was assumed" not in card


@every_form
def test_each_listed_file_has_the_checksum_of_its_bytes(target, tmp_path):
    out = tmp_path / "out"
    written(target, whole_set(tmp_path / "source"), out)
    described = json.loads((out / "croissant.json").read_text("utf-8"))
    files = [f for f in described["distribution"] if f["@type"] == "cr:FileObject"]
    assert len(files) == 4
    for file in files:
        content = (out / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()


@every_form
def test_croissant_is_valid_but_for_what_nobody_knows(target, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant")
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    logging.getLogger("absl").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metadata = mlcroissant.Dataset(str(tmp_path / "out" / "croissant.json")).metadata
    assert not metadata.issues.errors
    assert all("is recommended, but does not exist" in text for text in metadata.issues.warnings)


def test_croissant_loads_rows_and_pictures_of_an_imagefolder(tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant")
    pytest.importorskip("pyarrow", reason="mlcroissant reads Parquet with it")
    source = whole_set(tmp_path / "source")
    written(imagefolder.TARGET, source, tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = mlcroissant.Dataset(str(tmp_path / "out" / "croissant.json"))
        rows = list(dataset.records("images"))
        pictures = list(dataset.records("pictures"))
    votes = {row["images/file_name"].decode(): row["images/votes_awe"] for row in rows}
    assert votes["2019/a.jpg"] == 3
    assert len(votes) == len(rows) == 6
    assert {p["pictures/image"].size for p in pictures} == {(8, 6)}
    assert len(pictures) == 6
