from pathlib import Path

import pytest

from iae.data.formats import para
from iae.data.formats.format import ReadOptions
from iae.errors import DataError
from iae.labels import EMOTIONS

HEADER = ("sessionId,imageName,userId,aestheticScore,qualityScore,compositionScore,colorScore,"
          "dofScore,contentScore,lightScore,isObjectEmphasis,imgEmotion,difficultyOfJudgment,"
          "contentPreference,willingnessToShare,semantic")  # fmt: skip
ROWS = (
    "session1,iaa_pub1_.jpg,A1,3.5,4.0,3,4,5,2,1,0,awe,0,3,3,animal",
    "session1,iaa_pub1_.jpg,A2,4.5,3.0,3,2,5,2,5,1,neutral,-1,4,4,animal",
    "session2,iaa_pub71_.jpg,A1,1.0,1.0,1,1,1,1,1,1,sadness,1,1,1,scene",
)
SCORES = [f"aestheticScore_{s / 2:.1f}" for s in range(2, 11)]
GIAA = ",".join(["imageName", "sessionId", "semantic", *SCORES, "aestheticScore_mean",
                 "aestheticScore_std", "qualityScore_mean", "lightScore_mean", "contentScore_1",
                 "contentPreference_mean", "emotion_amusement", "emotion_awe",
                 "emotion_contentment", "emotion_disgust", "emotion_excitement", "emotion_fear",
                 "emotion_neutral", "emotion_sadness"])  # fmt: skip
GIAA_1 = "iaa_pub1_.jpg,session1,animal,0,0,0,0,0,1,0,1,0,4.0,.5,3.5,3.0,2,3,0,1,0,0,0,0,1,0"
GIAA_2 = "iaa_pub71_.jpg,session2,scene,1,0,0,0,0,0,0,0,0,1.0,0,1.0,1.0,0,1,0,0,0,0,0,0,0,1"


def make(root: Path, name: str, *lines: str, end: str = "\n") -> Path:
    (root / "annotation").mkdir(parents=True, exist_ok=True)
    (root / "annotation" / name).write_bytes("".join(line + end for line in lines).encode())
    return root


def ratings(root: Path, *more: str, end: str = "\n") -> Path:
    return make(root, "PARA-Images.csv", HEADER, *ROWS, *more, end=end)


def giaa(root: Path, *more: str) -> Path:
    make(root, "PARA-GiaaTrain.csv", GIAA, GIAA_1, *more)
    return make(root, "PARA-GiaaTest.csv", GIAA, GIAA_2)


def read(path: Path):
    return para.FORMAT.read(path, ReadOptions())


# Ratings by person


def test_scores_of_raters_lie_on_ten_points(tmp_path):
    dataset = read(ratings(tmp_path))
    record = dataset.records[0]
    assert record.name == "session1/iaa_pub1_.jpg"
    assert record.aesthetic_mean == pytest.approx(1 + (4.0 - 1) * 9 / 4)
    assert record.score_counts == pytest.approx({6.625: 1, 8.875: 1})
    assert dataset.ratings is not None
    assert (dataset.ratings.scale, list(dataset.ratings.raters)) == ((1, 5), ["A1", "A2"])
    assert list(dataset.ratings.items) == [r.name for r in dataset.records]


def test_means_of_the_other_questions_are_attributes_on_ten_points(tmp_path):
    assert read(ratings(tmp_path)).records[0].attributes == pytest.approx(
        {"quality": 1 + 2.5 * 9 / 4, "composition": 5.5, "colour": 5.5, "depth_of_field": 10,
         "content": 3.25, "light": 5.5}
    )  # fmt: skip


def test_anger_was_not_offered_and_is_absent_from_the_votes(tmp_path):
    dataset = read(ratings(tmp_path))
    record = dataset.records[0]
    assert record.emotion_votes == {e: float(e == "awe") for e in EMOTIONS if e != "anger"}
    assert record.neutral_votes == 1
    assert any(note.startswith("anger was not offered") for note in dataset.notes)


def test_photos_are_found_in_their_session_whatever_the_suffix(tmp_path):
    (tmp_path / "imgs" / "session1").mkdir(parents=True)
    (tmp_path / "imgs" / "session1" / "iaa_pub1_.JPG").touch()
    dataset = read(ratings(tmp_path))
    assert [r.path.is_file() for r in dataset.records] == [True, False]
    assert read(tmp_path / "annotation").records[0].path.is_file()
    assert read(tmp_path / "annotation" / "PARA-Images.csv").records[0].path.is_file()


def test_the_image_folder_may_be_a_symlink(tmp_path):
    (tmp_path / "disk" / "session1").mkdir(parents=True)
    (tmp_path / "disk" / "session1" / "iaa_pub1_.jpg").touch()
    (tmp_path / "imgs").symlink_to(tmp_path / "disk")
    assert read(ratings(tmp_path)).records[0].path.is_file()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n# a remark\n"])
def test_line_ends_blank_lines_and_comments_make_no_difference(tmp_path, end):
    dataset = read(ratings(tmp_path, end=end))
    assert (len(dataset.records), dataset.defects) == (2, [])


def test_a_byte_order_mark_makes_no_difference(tmp_path):
    make(tmp_path, "PARA-Images.csv", "\ufeff" + HEADER, *ROWS)
    assert len(read(tmp_path).records) == 2


def changed(**cells: str) -> str:
    row = dict(zip(HEADER.split(","), ROWS[1].split(","), strict=True))
    return ",".join({**row, "userId": "A3", **cells}.values())


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        ("session1,a.jpg,A1,3", "bad-row", "4 cells, the header has 16"),
        (changed(userId=" "), "bad-row", "the image or the rater is missing"),
        (changed(aestheticScore="5.5"), "off-scale", "aestheticScore: 5.5 lies outside the scale"),
        (changed(dofScore="0"), "off-scale", "dofScore: 0 lies outside the scale 1 to 5"),
        (changed(lightScore="dim"), "bad-value", "lightScore: 'dim' is no number"),
        (changed(imgEmotion="joy"), "bad-value", "emotion 'joy' is not one of amusement"),
        (ROWS[0], "doubled-id", "A1 has this very row for session1/iaa_pub1_.jpg already"),
    ],
)
def test_what_is_wrong_is_a_defect_with_its_line(tmp_path, row, code, text):
    dataset = read(ratings(tmp_path, "", row))
    assert [(d.code, d.where) for d in dataset.defects] == [(code, "PARA-Images.csv:6")]
    assert dataset.defects[0].text.startswith(text)
    assert len(dataset.records) == 2


def test_a_wrong_answer_to_one_question_leaves_the_others(tmp_path):
    dataset = read(ratings(tmp_path, changed(aestheticScore="9", imgEmotion="fear")))
    assert dataset.ratings is not None
    assert len(dataset.ratings.value) == 3
    assert (dataset.records[0].emotion_votes or {})["fear"] == 1


def test_a_table_without_a_needed_column_is_one_error(tmp_path):
    make(tmp_path, "PARA-Images.csv", HEADER.replace("userId", "user"), *ROWS)
    with pytest.raises(DataError, match="lacks the column 'userId'; has sessionId"):
        read(tmp_path)


# Distributions


def test_distributions_alone_give_counts_means_votes_and_splits(tmp_path):
    dataset = read(giaa(tmp_path))
    first, second = dataset.records
    assert (first.split, second.split, dataset.ratings) == ("train", "test", None)
    assert first.score_counts == pytest.approx({6.625: 1, 8.875: 1})
    assert first.aesthetic_mean == pytest.approx(7.75)
    assert first.attributes == pytest.approx({"quality": 6.625, "light": 5.5})
    assert first.emotion_votes == {e: float(e == "awe") for e in EMOTIONS if e != "anger"}
    assert (first.neutral_votes, second.neutral_votes) == (1, 0)


def test_both_kinds_agree_where_both_say_it(tmp_path):
    by_ratings = read(ratings(tmp_path / "a")).records[0]
    by_counts = read(giaa(tmp_path / "b")).records[0]
    assert by_ratings.aesthetic_mean == pytest.approx(by_counts.aesthetic_mean)
    assert by_ratings.level_shares == pytest.approx(by_counts.level_shares)
    assert by_ratings.emotion_votes == by_counts.emotion_votes


def test_ratings_take_their_split_from_the_distributions(tmp_path):
    dataset = read(giaa(ratings(tmp_path)))
    assert [(r.name, r.split) for r in dataset.records] == [
        ("session1/iaa_pub1_.jpg", "train"), ("session2/iaa_pub71_.jpg", "test")]  # fmt: skip
    assert dataset.ratings is not None
    assert dataset.defects == []


def test_an_image_in_one_kind_alone_is_a_defect(tmp_path):
    giaa(ratings(tmp_path, changed(imageName="new.jpg")), GIAA_1.replace("pub1_", "pub9_"))
    assert {(d.code, d.where) for d in read(tmp_path).defects} == {
        ("unknown-id", "session1/new.jpg"), ("unknown-id", "session1/iaa_pub9_.jpg")}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        ("a.jpg,session1,animal,1", "bad-row", "4 cells, the header has 26"),
        (GIAA_1, "doubled-id", "session1/iaa_pub1_.jpg has a row already"),
        (GIAA_2, "doubled-id", "session2/iaa_pub71_.jpg has a row already"),
        (GIAA_1.replace("pub1_", "p").replace(",4.0,", ",5.4,"), "off-scale", "mean 5.4 lies out"),
        (GIAA_1.replace("pub1_", "p").replace(",1,0,1,0,", ",1,0,-1,0,"), "bad-value", "'-1' is b"),
        (
            GIAA_1.replace("pub1_", "p").replace(",4.0,", ",2.0,"),
            "total-not-sum",
            "the stated mean",
        ),
    ],
)
def test_a_wrong_row_of_a_distribution_is_a_defect_with_its_line(tmp_path, row, code, text):
    make(giaa(tmp_path), "PARA-GiaaTest.csv", GIAA, GIAA_2, row)
    dataset = read(tmp_path)
    assert [(d.code, d.where) for d in dataset.defects] == [(code, "PARA-GiaaTest.csv:3")]
    assert dataset.defects[0].text.startswith(text)


def test_a_stated_mean_that_contradicts_the_counts_gives_way_to_them(tmp_path):
    make(tmp_path, "PARA-GiaaTrain.csv", GIAA, GIAA_1.replace(",4.0,", ",2.0,"))
    assert read(tmp_path).records[0].aesthetic_mean == pytest.approx(7.75)


def test_nothing_readable_is_one_error(tmp_path):
    make(tmp_path, "PARA-GiaaTrain.csv", GIAA, "a,b")
    with pytest.raises(DataError, match="no row of PARA-GiaaTrain.csv can be read; the first: "):
        read(tmp_path)
    with pytest.raises(DataError, match="holds neither PARA-Images.csv nor PARA-GiaaTrain.csv"):
        read(tmp_path / "elsewhere")
