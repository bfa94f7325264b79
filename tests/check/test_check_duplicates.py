"""Pictures that are there more than once: found, told apart by kind, and nothing else found."""

import io

import pytest
from PIL import Image, ImageOps


def as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_the_same_bytes_twice_are_an_exact_duplicate(copy, found):
    copy.add("images/again.jpg", (copy.root / "images/04.jpg").read_bytes(), like=4)
    report = copy.check()
    assert found(report) == {"exact-duplicate": ["images/04.jpg"]}
    assert report.findings[0].defects[0].text == "also images/again.jpg (the same bytes)"
    assert report.fix_list == ["images/again.jpg"]


def test_the_same_pixels_in_another_format_are_an_exact_duplicate(copy, found):
    with Image.open(copy.root / "images/04.jpg") as image:
        copy.add("images/again.png", as_png(image), like=4)
    report = copy.check()
    assert found(report) == {"exact-duplicate": ["images/04.jpg"]}
    assert "the same pixels" in report.findings[0].defects[0].text


def test_pixels_of_large_jpegs_are_compared_in_full(copy, found, as_jpeg, picture_of):
    large = picture_of(50, (1200, 800))
    copy.add("images/large.jpg", as_jpeg(large), emotion="awe")
    with Image.open(copy.root / "images/large.jpg") as image:
        copy.add("images/same.png", as_png(image), emotion="awe")
        one_pixel = image.copy()
    one_pixel.putpixel((600, 400), (255, 0, 255))
    assert found(copy.check()) == {"exact-duplicate": ["images/large.jpg"]}
    copy.add("images/same.png", as_png(one_pixel), emotion="awe")
    assert "near-duplicate" in found(copy.check())


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((60, 48), Image.Resampling.LANCZOS),
        lambda image: image.resize((300, 300)),
        ImageOps.mirror,
        lambda image: image.convert("L").convert("RGB"),
    ],
    ids=["smaller", "squeezed", "mirrored", "grey"],
)
def test_a_changed_copy_is_a_near_duplicate(copy, found, as_jpeg, picture_of, change):
    copy.add("images/again.jpg", as_jpeg(change(picture_of(4)), quality=60), like=4)
    report = copy.check()
    (places,) = found(report).values()
    assert list(found(report)) == ["near-duplicate"]
    assert places[0] in ("images/04.jpg", "images/again.jpg")
    assert report.is_sound  # told by looking: a note


def test_of_near_duplicates_the_largest_stays(copy, as_jpeg, picture_of):
    copy.add("images/large.jpg", as_jpeg(picture_of(4, (240, 192))), like=4)
    (finding,) = copy.check().findings
    assert finding.defects[0].where == "images/large.jpg"


def test_one_picture_under_five_names_is_a_placeholder_and_no_duplicate(
    copy, found, as_jpeg, picture_of
):
    gone = picture_of(77)
    for i in range(5):
        data = as_jpeg(gone.resize((120 + 10 * i, 96 + 8 * i)), quality=85 - 5 * i)
        copy.add(f"images/gone{i}.jpg", data, emotion=("awe", "fear")[i % 2], split="train")
    report = copy.check()
    assert list(found(report)) == ["placeholder"]
    assert sorted(report.fix_list) == [f"images/gone{i}.jpg" for i in range(5)]


def test_four_of_one_picture_are_duplicates_and_no_placeholder(copy, found):
    data = (copy.root / "images/04.jpg").read_bytes()
    for i in range(3):
        copy.add(f"images/again{i}.jpg", data, like=4)
    assert list(found(copy.check())) == ["exact-duplicate"]


def test_the_same_picture_in_two_splits_is_found_and_the_test_copy_stays(copy, found):
    data = (copy.root / "images/05.jpg").read_bytes()  # in test
    copy.add("images/again.jpg", data, like=5, split="train")
    report = copy.check()
    assert found(report) == {"duplicate-across-splits": ["images/05.jpg"]}
    assert report.findings[0].defects[0].text == (
        "images/05.jpg in test, images/again.jpg in train (the same bytes)"
    )
    assert report.fix_list == ["images/again.jpg"]


def test_a_mirrored_copy_in_another_split_is_found(copy, found, as_jpeg, picture_of):
    mirrored = as_jpeg(ImageOps.mirror(picture_of(5)), quality=70)
    copy.add("images/again.jpg", mirrored, like=5, split="train")
    report = copy.check()
    assert found(report) == {"duplicate-across-splits": ["images/05.jpg"]}
    assert "mirrored" in report.findings[0].defects[0].text


def test_the_same_picture_with_two_emotions_is_a_conflict(copy, found):
    data = (copy.root / "images/04.jpg").read_bytes()
    copy.add("images/again.jpg", data, like=4, emotion="fear")
    report = copy.check()
    assert found(report) == {"duplicate-conflict": ["images/04.jpg"]}
    assert report.findings[0].defects[0].text.endswith(": labelled disgust and fear")
    assert sorted(report.fix_list) == ["images/04.jpg", "images/again.jpg"]


def test_the_same_picture_rated_high_and_low_is_a_conflict_if_far_apart(copy, found):
    data = (copy.root / "images/04.jpg").read_bytes()  # rated 5
    copy.add("images/again.jpg", data, like=4, mos=2)
    assert found(copy.check()) == {"duplicate-conflict": ["images/04.jpg"]}
    copy.rows[-1]["mos"] = 4.5
    copy.save()
    assert found(copy.check()) == {"exact-duplicate": ["images/04.jpg"]}


def test_copies_within_one_group_are_a_note(copy, found):
    data = (copy.root / "images/04.jpg").read_bytes()
    copy.add("images/again.jpg", data, like=4, group="g4")
    report = copy.check()
    assert found(report) == {"duplicate-in-group": ["images/04.jpg"]}
    assert report.is_sound


def test_similar_pictures_are_not_chained(copy, found, as_jpeg, picture_of):
    # Each step of brightness is near to the last, the ends are not near to each other.
    steps = [picture_of(60).point(lambda v, add=2 * i: min(255, v + add)) for i in range(8)]
    for i, step in enumerate(steps):
        copy.add(f"images/step{i}.jpg", as_jpeg(step, quality=95))
    report = copy.check()
    assert "placeholder" not in found(report)
    for finding in report.findings:
        for defect in finding.defects:
            assert len(defect.images) + 1 < len(steps)
