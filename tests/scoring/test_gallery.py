"""The gallery page as text: what it says, and what no file name can make it do."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from iae.errors import OutputError
from iae.images.technical import FACTS, TechnicalFacts
from iae.labels import EMOTIONS
from iae.scoring.gallery import (
    needs_thumbnail,
    relative_url,
    render_gallery,
    thumbnail_name,
    write_gallery,
)
from iae.scoring.gallery.cards import standing
from iae.scoring.gallery.page import PLAIN_CARDS
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
        """What each card of the page without scripts is called, in the order of the page."""
        names = [attrs for _, attrs in self.tags if attrs.get("class") == "name"]
        return [attrs["title"] or "" for attrs in names if "title" in attrs]


def page_data(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def photos(html: str) -> list[dict[str, Any]]:
    """The columns of the page's data as one record a photo, in the order they were found."""
    data = page_data(html)
    columns, scale = data["photos"], data["scale"]

    def joined(paths: dict[str, Any]) -> list[str]:
        pairs = zip(paths["folder"], paths["name"], strict=True)
        return [paths["folders"][folder] + name for folder, name in pairs]

    texts = {name: joined(columns[name]) for name in ("path", "thumbnail", "original")}
    return [
        {
            **{name: column[n] for name, column in texts.items()},
            "name": columns["path"]["name"][n],
            "mean": columns["mean"][n] / scale,
            "levels": [share / scale for share in columns["levels"][4 * n : 4 * n + 4]],
            "emotions": [share / scale for share in columns["emotions"][8 * n : 8 * n + 8]],
            **{
                name: columns[name] and columns[name][n]
                for name in ("interval", "percentile", "unsure")
            },
            "reasons": [data["reasons"][r] for r in (columns["reasons"] or {n: []})[n]],
            "facts": {name: column and column[n] for name, column in columns["facts"].items()},
        }
        for n in range(len(columns["mean"]))
    ]


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
    assert photos(html)[0]["name"] == "<b>&amp;.jpg"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_ends_the_data_of_the_script_early(name: str) -> None:
    html = rendered(scored(name))
    data = html.partition('id="data">')[2].partition("</script>")[0]
    assert "<" not in data
    assert json.loads(data)["photos"]["mean"] == [62500]


def test_characters_that_mislead_or_cannot_be_written_are_spelt_out() -> None:
    names = ["two\nlines.jpg", "caf\udce9.jpg", "gpj.\u202eexe.jpg"]
    page = Page(rendered(*map(scored, names)))
    assert page.cards == [r"two\nlines.jpg", r"caf\udce9.jpg", r"gpj.\u202eexe.jpg"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_every_link_of_the_page_is_local_whatever_the_originals_say(name: str) -> None:
    html = render_gallery(
        [scored("a.jpg"), scored("b.jpg")],
        thumbnails={"a.jpg": name},
        originals={"a.jpg": name, "b.jpg": name},
        notice="",
    )
    page = Page(html)
    photo_urls = [url for photo in photos(html) for url in _urls(photo)]
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
    assert photos(html)[0]["original"] == "file:///D:/a.jpg"


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


def test_the_same_scores_give_the_same_bytes(tmp_path: Path) -> None:
    scores = [scored("a.jpg"), scored("b/a.jpg"), PhotoScore(path="c.jpg", error="damaged")]
    pages = [
        write_gallery(tmp_path / name, scores, thumbnails={}, originals={}, notice="").read_bytes()
        for name in ("one", "two")
    ]
    assert pages[0] == pages[1]


def test_the_data_of_the_page_holds_every_number_of_every_photo_in_the_order_found() -> None:
    facts = TechnicalFacts(
        width=6000, height=4000, sharpness=0.4321, noise=1.5, contrast=0.2, colourfulness=33.3,
        brightness=0.5, clipped_highlights=0.0123, clipped_shadows=0.0,
    )  # fmt: skip
    full = replace(
        scored("2024/b.jpg", 7.1234),
        interval=(6.0, 8.25),
        percentile=87.5,
        unsure=True,
        reasons=("strong colour", "soft focus"),
        facts=facts,
    )
    first, second = photos(rendered(full, scored("2024/a.jpg", 9.0)))
    assert first == {
        "path": "2024/b.jpg",
        "name": "b.jpg",
        "thumbnail": thumbnail_name("2024/b.jpg"),
        "original": "../photos/2024/b.jpg",
        "mean": 7.1234,
        "levels": list(full.levels or ()),
        "emotions": list(full.emotions or ()),
        "interval": [60000, 82500],
        "percentile": None,  # of two photos
        "unsure": 1,
        "reasons": ["strong colour", "soft focus"],
        "facts": {name: getattr(facts, name) for name in FACTS},
    }
    assert second["path"] == "2024/a.jpg"
    assert second["interval"] is None
    assert second["reasons"] == []
    assert second["facts"] == dict.fromkeys(FACTS)


def test_what_no_photo_has_takes_no_room_in_the_page() -> None:
    columns = page_data(rendered(scored("a.jpg"), scored("b.jpg")))["photos"]
    unknown = [columns[name] for name in ("interval", "percentile", "unsure", "reasons")]
    assert unknown == [None] * 4
    assert columns["facts"] == dict.fromkeys(FACTS)


def test_a_photo_more_makes_the_page_little_larger() -> None:
    def size(count: int) -> int:
        names = (f"Pictures/2024/June in the mountains/IMG_{n:05}.jpg" for n in range(count))
        return len(rendered(*map(scored, names)).encode())

    assert (size(2_000) - size(1_000)) / 1_000 < 250  # bytes


def test_without_scripts_the_best_photos_of_a_large_library_are_listed_and_it_says_so() -> None:
    means = [1 + n % 8 for n in range(PLAIN_CARDS + 50)]
    html = rendered(*(scored(f"{n}.jpg", mean) for n, mean in enumerate(means)))
    cards = Page(html).cards
    assert len(cards) == PLAIN_CARDS
    assert cards[0] == "7.jpg"
    assert f"the best {PLAIN_CARDS} of {PLAIN_CARDS + 50} photos" in html
    assert "Scripts are switched off" not in rendered(scored("a.jpg"))


def test_cards_stand_best_first_without_any_script() -> None:
    means = {"low.jpg": 2.0, "a-tie.jpg": 5.0, "b-tie.jpg": 5.0, "best.jpg": 9.0}
    page = Page(rendered(*(scored(path, mean) for path, mean in means.items())))
    assert page.cards == ["best.jpg", "a-tie.jpg", "b-tie.jpg", "low.jpg"]


def test_a_score_of_exactly_five_is_high() -> None:
    html = rendered(scored("a.jpg", 5.0), scored("b.jpg", 4.99))
    assert re.findall(r'class="badge verdict (\w+)"', html) == ["high", "low"]
    data = page_data(html)
    assert [mean >= data["threshold"] for mean in data["photos"]["mean"]] == [True, False]


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


@pytest.mark.parametrize(
    ("percentile", "count", "words"),
    [
        (100, 20, "top 5%"),  # the best of twenty: itself is a twentieth
        (5, 20, "bottom 5%"),  # the worst of them
        (97.5, 10_000, "top 3%"),
        (99.995, 10_000, "top 1%"),
        (50, 10_000, "top 50%"),
        (0.01, 10_000, "bottom 1%"),
    ],
)
def test_a_standing_counts_from_the_nearer_end(percentile: float, count: int, words: str) -> None:
    assert standing(percentile, count) == words


def test_a_standing_is_shown_from_ten_photos_on() -> None:
    ten = [replace(scored(f"{n}.jpg"), percentile=55.0) for n in range(10)]
    assert "top 55%" in rendered(*ten)
    assert "top " not in Page(rendered(*ten[:9])).text.get("span", "")
    assert page_data(rendered(*ten[:9]))["photos"]["percentile"] is None


def test_the_page_of_a_choice_tells_places_in_its_order_and_percentiles_of_the_library() -> None:
    best = [replace(scored("b.jpg", 7.0), percentile=99.5), replace(scored("a.jpg", 8.0),
            percentile=100.0)]  # fmt: skip
    html = render_gallery(best, thumbnails={}, originals={}, notice="", chosen_from=14_000)
    page = Page(html)
    assert page.cards == ["b.jpg", "a.jpg"]  # as chosen, though the second has the higher score
    assert re.findall(r'class="standing">([^<]+)<', html) == ["no. 1", "no. 2"]
    assert "2 of 14,000 photos" in html
    assert page_data(html)["chosen"] is True
    assert [photo["percentile"] for photo in photos(html)] == [99.5, 100.0]
    assert "top 1%" not in html


def test_a_card_says_what_stands_out_and_where_the_model_is_unsure() -> None:
    plain = Page(rendered(replace(scored("a.jpg"), reasons=("soft focus", "dark"), unsure=True)))
    badges = [attrs for _, attrs in plain.tags if attrs.get("class") == "badge unsure"]
    assert "soft focus · dark" in plain.text["p"]
    assert any("hidden" not in attrs for attrs in badges)
    sure = rendered(replace(scored("a.jpg"), unsure=False))
    assert "Model is unsure" not in sure


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_reason_is_text_whatever_it_holds(name: str) -> None:
    html = rendered(replace(scored("a.jpg"), reasons=(name,)))
    assert "<script>alert" not in html
    assert Page(html).tags == Page(rendered(replace(scored("a.jpg"), reasons=("b",)))).tags


@pytest.mark.parametrize(
    ("name", "shown", "needed"),
    [
        ("a.jpg", "thumbnails", True),
        ("a.JPG", "originals", False),
        ("a.webp", "originals", False),
        ("a.tif", "originals", True),  # no browser shows it
        ("a.heic", "originals", True),
        ("a.nef", "originals", True),
    ],
)
def test_photos_no_browser_shows_get_a_thumbnail_in_any_case(
    name: str, shown: Any, needed: bool
) -> None:
    assert needs_thumbnail(name, shown) is needed


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
