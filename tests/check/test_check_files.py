"""Defects of single files: each is found where it was planted, and nothing else is."""

import os

import pytest
from PIL import Image


def test_nothing_is_found_in_a_clean_copy(copy, found):
    report = copy.check()
    assert found(report) == {}
    assert report.looked_at == 12


def test_a_listed_image_without_a_file_is_missing(copy, found):
    (copy.root / "images/03.jpg").unlink()
    assert found(copy.check()) == {"missing-file": ["images/03.jpg"]}


def test_a_link_to_nothing_is_missing(copy, found):
    (copy.root / "images/03.jpg").unlink()
    (copy.root / "images/03.jpg").symlink_to("gone.jpg")
    report = copy.check()
    assert found(report) == {"missing-file": ["images/03.jpg"]}
    assert "a link to nothing" in report.findings[0].defects[0].text


def test_an_image_file_that_no_list_names_is_unlisted(copy, found, as_jpeg, picture_of):
    (copy.root / "images/more").mkdir()
    (copy.root / "images/more/99.jpg").write_bytes(as_jpeg(picture_of(99)))
    (copy.root / "images/readme.txt").write_text("no image")
    assert found(copy.check()) == {"unlisted-file": ["images/more/99.jpg"]}


def test_a_folder_of_images_that_is_a_symlink_is_read(copy, found):
    (copy.root / "images").rename(copy.root.parent / "elsewhere")
    (copy.root / "images").symlink_to(copy.root.parent / "elsewhere")
    report = copy.check()
    assert (found(report), report.looked_at) == ({}, 12)


def test_without_any_file_there_is_one_note_and_not_one_finding_an_image(copy, found):
    for path in (copy.root / "images").iterdir():
        path.unlink()
    report = copy.check()
    assert found(report) == {"no-pictures": ["set"]}
    assert report.is_sound
    assert "none of 12 pictures is there" in report.findings[0].defects[0].text


def test_a_file_of_no_bytes_is_empty(copy, found):
    (copy.root / "images/03.jpg").write_bytes(b"")
    assert found(copy.check()) == {"empty-file": ["images/03.jpg"]}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("text", "not a photo"), ("truncated", "truncated"), ("huge", "too large to decode safely")],
)
def test_a_file_that_is_no_readable_photo_is_named_with_the_reason(
    copy, found, bad_photos, kind, reason
):
    (copy.root / "images/03.jpg").write_bytes(bad_photos[kind])
    report = copy.check()
    assert found(report) == {"unreadable": ["images/03.jpg"]}
    assert reason in report.findings[0].defects[0].text


def test_a_saved_error_page_is_named_as_what_it_is(copy):
    (copy.root / "images/03.jpg").write_bytes(b"\n<!DOCTYPE html><title>404</title>")
    assert "it is HTML" in copy.check().findings[0].defects[0].text


def test_a_pipe_in_the_place_of_a_photo_is_not_waited_for(copy, found):
    (copy.root / "images/03.jpg").unlink()
    os.mkfifo(copy.root / "images/03.jpg")
    assert found(copy.check()) == {"unreadable": ["images/03.jpg"]}


def test_a_decoder_that_fails_in_an_unknown_way_costs_one_photo(copy, found, monkeypatch):
    import iae.check.photos as photos

    first = (copy.root / "images/00.jpg").read_bytes()
    take = photos.take_fingerprint

    def fail(file):
        if file.read() == first:
            raise ZeroDivisionError("in the decoder")
        file.seek(0)
        return take(file)

    monkeypatch.setattr(photos, "take_fingerprint", fail)
    report = copy.check()
    assert found(report) == {"unreadable": ["images/00.jpg"]}
    assert "ZeroDivisionError: in the decoder" in report.findings[0].defects[0].text


def test_a_jpeg_called_png_is_misnamed(copy, found):
    (copy.root / "images/03.jpg").rename(copy.root / "images/03.png")
    copy.rows[3]["image"] = "images/03.png"
    copy.save()
    report = copy.check()
    assert found(report) == {"misnamed": ["images/03.png"]}
    assert report.findings[0].defects[0].text == "its name says PNG, its content is JPEG"


@pytest.mark.parametrize("colour", ["black", "white", "teal"])
def test_a_picture_of_one_colour_is_flat(copy, found, as_jpeg, colour):
    (copy.root / "images/03.jpg").write_bytes(as_jpeg(Image.new("RGB", (90, 90), colour)))
    assert found(copy.check()) == {"flat": ["images/03.jpg"]}


def test_flat_pictures_are_not_duplicates_of_each_other_as_well(copy, found, as_jpeg):
    for i in (3, 4):
        (copy.root / f"images/0{i}.jpg").write_bytes(as_jpeg(Image.new("RGB", (90, 90))))
    assert found(copy.check()) == {"flat": ["images/03.jpg", "images/04.jpg"]}


def test_a_white_page_with_a_few_words_is_not_flat(copy, found, as_jpeg):
    from PIL import ImageDraw

    page = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(page).text((120, 110), "not available", fill="grey")
    (copy.root / "images/03.jpg").write_bytes(as_jpeg(page))
    assert found(copy.check()) == {}


def test_without_images_only_the_labels_are_checked(copy, found):
    (copy.root / "images/03.jpg").write_bytes(b"")
    report = copy.check(images=False)
    assert (found(report), report.looked_at) == ({}, 0)
