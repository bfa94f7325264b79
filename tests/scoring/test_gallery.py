"""The gallery page as text: what it says, and what no file name can make it do."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from iae.errors import OutputError
from iae.labels import EMOTIONS
from iae.scoring.gallery import relative_url, render_gallery, thumbnail_name, write_gallery
from iae.scoring.scores import PhotoScore

HOSTILE_NAMES = [
    "<script>alert(1)</script>.jpg",
    "--></script><!-- <script>.jpg",
    """a"onerror='alert(1)' b.jpg""",
    "{{ 7 * 7 }}{% raw %}.jpg",
    "two\nlines\r\ttab.jpg",
    "caf\udce9.jpg",  # Latin-1 bytes as Python reads them from a UTF-8 disk
    "gpj.\u202eexe.jpg",
    "写真 \N{GREEK SMALL LETTER ALPHA}́ \N{MUSICAL SYMBOL G CLEF}.jpg",
    "javascript:alert(1)",
    "//example.org/a.jpg",
    "https://example.org/a.jpg",
]


def scored(path: str, mean: float = 6.25, emotions: tuple[float, ...] | None = None) -> PhotoScore:
    return PhotoScore(
        path=path,
        aesthetic_mean=mean,
        aesthetic_std=1.44,
        levels=(0.05, 0.25, 0.6, 0.1),
        high_prob=0.78,
        emotions=emotions or (0.01, 0.02, 0.61, 0.25, 0.004, 0.006, 0.04, 0.06),
        positive_prob=0.89,
    )


def rendered(*scores: PhotoScore, notice: str = "") -> str:
    paths = [score.path for score in scores]
    return render_gallery(
        scores,
        thumbnails={path: thumbnail_name(path) for path in paths},
        originals={path: relative_url(f"../photos/{path}") for path in paths},
        notice=notice,
    )


class Page(HTMLParser):
    """The page as a browser would take it apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}  # by the innermost open tag
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "img", "input", "rect", "path"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.text[self._open[-1]] = self.text.get(self._open[-1], "") + data

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]

    @property
    def cards(self) -> list[str]:
        """What each card is called, in the order of the page."""
        return [attrs["title"] or "" for tag, attrs in self.tags if attrs.get("class") == "name"]


def page_data(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_file_name_adds_no_markup_to_the_page(name: str) -> None:
    def shape(html: str) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attrs)) for tag, attrs in Page(html).tags]

    plain = rendered(scored("a.jpg"), PhotoScore(path="b.jpg", error="damaged"), notice="c")
    hostile = rendered(scored(name), PhotoScore(path=name, error=name), notice=name)
    assert shape(hostile) == shape(plain)


def test_a_file_name_with_markup_is_shown_as_text() -> None:
    html = rendered(scored("<b>&amp;.jpg"))
    assert Page(html).text["bdi"] == "<b>&amp;.jpg"
    assert page_data(html)["photos"][0]["name"] == "<b>&amp;.jpg"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_ends_the_data_of_the_script_early(name: str) -> None:
    html = rendered(scored(name))
    data = html.partition('id="data">')[2].partition("</script>")[0]
    assert "<" not in data
    assert json.loads(data)["photos"][0]["mean"] == 6.25


def test_characters_that_mislead_or_cannot_be_written_are_spelt_out() -> None:
    names = ["two\nlines.jpg", "caf\udce9.jpg", "gpj.\u202eexe.jpg"]
    page = Page(rendered(*map(scored, names)))
    assert page.cards == [r"caf\udce9.jpg", r"gpj.\u202eexe.jpg", r"two\nlines.jpg"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_every_link_of_the_page_is_local_whatever_the_originals_say(name: str) -> None:
    html = render_gallery(
        [scored("a.jpg"), scored("b.jpg")],
        thumbnails={"a.jpg": name},
        originals={"a.jpg": name, "b.jpg": name},
        notice="",
    )
    page = Page(html)
    photo_urls = [url for photo in page_data(html)["photos"] for url in _urls(photo)]
    for url in [*page.attributes("href"), *page.attributes("src"), *photo_urls]:
        scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):", url)
        assert scheme is None or url == "data:,"
        assert not url.startswith(("/", "\\"))


def _urls(photo: dict[str, str]) -> list[str]:
    return [photo["thumbnail"], photo["original"]]


def test_a_file_url_is_kept_for_photos_on_another_drive() -> None:
    html = render_gallery(
        [scored("a.jpg")], thumbnails={}, originals={"a.jpg": "file:///D:/a.jpg"}, notice=""
    )
    assert page_data(html)["photos"][0]["original"] == "file:///D:/a.jpg"


def test_a_relative_url_leads_back_to_the_same_bytes_of_the_name() -> None:
    assert relative_url("../a b/caf\udce9 #1?.jpg") == "../a%20b/caf%E9%20%231%3F.jpg"


def test_the_page_names_nothing_on_the_network() -> None:
    html = rendered(scored("a.jpg"), PhotoScore(path="b.jpg", error="damaged"))
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert "url(" not in html


def test_the_security_policy_allows_only_what_the_page_itself_carries() -> None:
    page = Page(rendered(scored("a.jpg")))
    policy = next(
        attrs["content"] or ""
        for _, attrs in page.tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert "style" not in {name for _, attrs in page.tags for name in attrs}


def test_the_same_scores_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    scores = [scored("a.jpg"), scored("b/a.jpg"), PhotoScore(path="c.jpg", error="damaged")]
    pages = [
        write_gallery(tmp_path / name, order, thumbnails={}, originals={}, notice="").read_bytes()
        for name, order in [("one", scores), ("two", scores[::-1])]
    ]
    assert pages[0] == pages[1]


def test_cards_stand_best_first_without_any_script() -> None:
    means = {"low.jpg": 2.0, "best.jpg": 9.0, "a-tie.jpg": 5.0, "b-tie.jpg": 5.0}
    page = Page(rendered(*(scored(path, mean) for path, mean in means.items())))
    assert page.cards == ["best.jpg", "a-tie.jpg", "b-tie.jpg", "low.jpg"]


def test_a_score_of_exactly_five_is_high() -> None:
    html = rendered(scored("a.jpg", 5.0), scored("b.jpg", 4.99))
    assert [photo["high"] for photo in page_data(html)["photos"]] == [True, False]
    assert re.findall(r'class="badge (\w+)"', html) == ["high", "low"]


def test_the_bar_of_a_card_says_its_level_shares_in_words() -> None:
    html = rendered(scored("a.jpg"))
    assert "<title>Bad 5%, fair 25%, good 60%, excellent 10%</title>" in html


def test_a_card_shows_the_strongest_emotions_and_leaves_out_the_faint_ones() -> None:
    emotions = dict.fromkeys(EMOTIONS, 0.01)
    emotions |= {"fear": 0.7, "awe": 0.2, "anger": 0.049}
    card = rendered(scored("a.jpg", emotions=tuple(emotions.values())))
    shown = re.findall(r"<li>(\w+) <span>(.*?)</span></li>", card)
    assert shown == [("fear", "70%"), ("awe", "20%")]


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (0.004, "&lt;1%"), (0.125, "13%"), (0.996, "&gt;99%"), (1.0, "100%")],
)
def test_a_share_reads_as_nothing_or_everything_only_when_it_is(share: float, shown: str) -> None:
    score = replace(scored("a.jpg"), levels=(share, 1 - share, 0.0, 0.0))
    assert f"Bad {shown}, fair" in rendered(score)


def test_unreadable_files_are_listed_with_their_reason_and_counted_at_the_top() -> None:
    html = rendered(
        scored("a.jpg"),
        PhotoScore(path="z.jpg", error="damaged: cut short"),
        PhotoScore(path="y.jpg", error="no permission to read the file"),
    )
    assert '<a href="#unreadable">2 could not be read</a>' in html
    section = html.partition('<section class="unreadable"')[2]
    found = re.findall(r"<dt><bdi>(.*?)</bdi></dt>\s*<dd>(.*?)</dd>", section.partition("<dl")[2])
    assert found == [
        ("y.jpg", "no permission to read the file"),
        ("z.jpg", "damaged: cut short"),
    ]
    assert len(Page(html).cards) == 1


def test_nothing_is_said_about_unreadable_files_when_there_are_none() -> None:
    assert "could not be read" not in rendered(scored("a.jpg"))


def test_without_a_readable_photo_a_sentence_stands_in_for_the_grid() -> None:
    html = rendered(PhotoScore(path="a.jpg", error="damaged"))
    assert "No photo could be scored; the reasons are listed below." in html
    assert "<script" not in html
    assert "No photo could be scored: none was found." in rendered()


def test_the_notice_stands_in_the_footer_as_text() -> None:
    footer = rendered(scored("a.jpg"), notice="Weights: <research> only").partition("<footer>")[2]
    assert "Weights: &lt;research&gt; only" in footer


def test_a_photo_without_a_thumbnail_is_shown_from_its_original() -> None:
    html = render_gallery([scored("a.jpg")], thumbnails={}, originals={"a.jpg": "a.jpg"}, notice="")
    assert '<img src="a.jpg"' in html


def test_a_photo_with_neither_picture_still_has_its_card() -> None:
    html = render_gallery([scored("a.jpg")], thumbnails={}, originals={}, notice="")
    assert "no preview" in html
    assert Page(html).cards == ["a.jpg"]


def test_equal_file_names_in_two_folders_have_two_thumbnails() -> None:
    names = {thumbnail_name(path) for path in ["2019/a.jpg", "2020/a.jpg", "2020/\udce9.jpg"]}
    assert len(names) == 3
    assert all(re.fullmatch(r"thumbnails/[0-9a-f]{16}\.jpg", name) for name in names)


def test_writing_leaves_only_the_page_in_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "new" / "gallery"
    page = write_gallery(out, [scored("a.jpg")], thumbnails={}, originals={}, notice="")
    assert page == out / "index.html"
    assert list(out.iterdir()) == [page]


def test_a_page_that_cannot_be_finished_leaves_the_old_one_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write_gallery(tmp_path, [scored("a.jpg")], thumbnails={}, originals={}, notice="")
    before = page.read_bytes()

    def disk_full(self: Path, target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", disk_full)
    with pytest.raises(OutputError, match="No space left"):
        write_gallery(tmp_path, [scored("b.jpg")], thumbnails={}, originals={}, notice="")
    assert page.read_bytes() == before
    assert list(tmp_path.iterdir()) == [page]
