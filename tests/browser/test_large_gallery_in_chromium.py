"""The gallery of a large library: what is in the page, the keys, the filters, fingers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from iae.images.technical import TechnicalFacts
from iae.labels import EMOTIONS
from iae.scoring.gallery import relative_url, write_gallery
from iae.scoring.scores import PhotoScore

COUNT = 600
OpenPage = Callable[..., Page]


def photo(number: int) -> PhotoScore:
    """Scores fall from 8 to 2 in the order found; emotions take turns; one in ten is unsure."""
    share = 0.3 + number / 1_000
    strongest = number % len(EMOTIONS)
    return PhotoScore(
        path=f"{2020 + number // 100}/IMG_{number:03}.jpg",
        aesthetic_mean=round(8 - 6 * number / COUNT, 4),
        aesthetic_std=1.4,
        levels=(0.1, 0.2, 0.3, 0.4),
        high_prob=round(1 - number / COUNT, 4),
        emotions=tuple(share if e == strongest else (1 - share) / 7 for e in range(8)),
        positive_prob=0.5,
        interval=(4.0, 6.0),
        percentile=100 - 100 * number / COUNT,
        unsure=number % 10 == 0,
        reasons=("soft focus",) if number % 100 == 3 else (),
        facts=TechnicalFacts(
            width=6000, height=4000, sharpness=number / 1000, noise=1.0, contrast=0.2,
            colourfulness=40.0, brightness=0.5, clipped_highlights=0.0, clipped_shadows=0.0004,
        ),
    )  # fmt: skip


def write(folder: Path, scores: list[PhotoScore]) -> str:
    Image.new("RGB", (64, 48), (90, 120, 160)).save(folder / "picture.jpg")
    pictures = {score.path: "picture.jpg" for score in scores}
    originals = {path: relative_url(name) for path, name in pictures.items()}
    out = write_gallery(folder, scores, thumbnails=pictures, originals=originals, notice="")
    return out.as_uri()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("library"), [photo(n) for n in range(COUNT)])


@pytest.fixture
def page(library: str, open_page: OpenPage) -> Page:
    opened = open_page(viewport={"width": 1300, "height": 800})
    opened.goto(library)
    return opened


@pytest.fixture
def phone(library: str, open_page: OpenPage) -> Page:
    opened = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened.goto(library)
    return opened


def focused(page: Page) -> Locator:
    return page.locator(".photo:focus")


def link(number: int) -> str:
    return f"Large view of IMG_{number:03}.jpg, score {8 - 6 * number / COUNT:.1f} of 10"


def across(page: Page) -> int:
    """Photos in a row."""
    columns = "grid => getComputedStyle(grid).gridTemplateColumns.split(' ').length"
    return int(page.locator("#grid").evaluate(columns))


def place(page: Page) -> int:
    """Place in the list of the first photo wholly on the screen, below the line above them."""
    first = """() => [...document.querySelectorAll('.card')].find((card) =>
        card.getBoundingClientRect().top >= 43).getAttribute('aria-posinset') - 1"""
    return int(page.evaluate(first))


def score_range(page: Page) -> tuple[float, float]:
    low, high = page.locator("#score-range").inner_text().split(" to ")
    return float(low), float(high)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_only_the_cards_near_the_screen_are_in_the_page_and_say_their_place(page: Page) -> None:
    cards = page.locator(".card")
    assert 8 <= cards.count() < 60
    expect(cards.first).to_have_attribute("aria-posinset", "1")
    expect(cards.first).to_have_attribute("aria-setsize", str(COUNT))


def test_the_wheel_brings_other_cards_and_the_page_keeps_its_length(page: Page) -> None:
    length = page.evaluate("document.documentElement.scrollHeight")
    page.mouse.move(800, 400)
    page.mouse.wheel(0, length // 2)
    expect(page.locator(".card").first).not_to_have_attribute("aria-posinset", "1")
    assert 250 < place(page) < 350
    assert page.evaluate("document.documentElement.scrollHeight") == length
    assert page.locator(".card").count() < 60


def test_home_and_end_lead_to_the_first_and_the_last_photo(page: Page) -> None:
    press(page, "ArrowRight", "End")
    expect(focused(page)).to_have_accessible_name(link(COUNT - 1))
    expect(focused(page)).to_be_in_viewport()
    press(page, "Home")
    expect(focused(page)).to_have_accessible_name(link(0))


def test_the_arrows_walk_over_rows_and_columns_and_stay_in_them(page: Page) -> None:
    columns = across(page)
    steps = [
        ("ArrowRight", 0),  # begins with what is to be seen
        ("ArrowUp", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowDown", 1 + columns),
        ("ArrowDown", 1 + 2 * columns),
        ("ArrowLeft", 2 * columns),
        ("ArrowUp", columns),
    ]
    for key, number in steps:
        press(page, key)
        expect(focused(page)).to_have_accessible_name(link(number))
        expect(focused(page)).to_be_in_viewport()


def test_page_down_moves_by_a_screenful(page: Page) -> None:
    press(page, "ArrowRight", "PageDown", "PageDown")
    expect(focused(page)).to_be_in_viewport()
    assert place(page) > across(page)
    press(page, "PageUp", "PageUp")
    expect(focused(page)).to_have_accessible_name(link(0))


def test_the_keys_go_on_from_where_one_has_scrolled_to(page: Page) -> None:
    press(page, "ArrowRight")
    page.mouse.move(800, 400)
    page.mouse.wheel(0, 20_000)
    expect(page.locator(".card").first).not_to_have_attribute("aria-posinset", "1")
    press(page, "ArrowRight")
    expect(focused(page)).to_be_in_viewport()
    assert page.evaluate("scrollY") > 10_000


def test_the_place_survives_a_reload(page: Page) -> None:
    press(page, "ArrowRight", *["PageDown"] * 5)
    page.wait_for_url("**at=**")
    before = place(page)
    page.reload()
    expect(page.locator(".card").first).not_to_have_attribute("aria-posinset", "1")
    assert place(page) == before


def test_a_narrower_window_keeps_the_place(page: Page) -> None:
    press(page, "ArrowRight", *["PageDown"] * 5)
    before, columns = place(page), across(page)
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_timeout(300)
    assert across(page) != columns
    assert abs(place(page) - before) < max(columns, across(page))


def test_letters_and_digits_filter_and_sort(page: Page) -> None:
    count = page.locator("#count")
    for key, text in [
        ("3", "75 of 600 photos"),  # awe
        ("4", "150 of 600 photos"),  # and contentment
        ("h", "76 of 600 photos"),
        ("0", "600 photos"),
        ("l", "299 of 600 photos"),
        ("u", "29 of 600 photos"),
        ("l", "60 of 600 photos"),
        ("0", "600 photos"),
    ]:
        press(page, key)
        expect(count).to_have_text(text)
    press(page, "r")
    expect(page.locator(".name").first).to_have_text("IMG_599.jpg")
    press(page, "r", "s")
    expect(page.get_by_role("combobox", name="Sort by")).to_have_value("emotion")
    expect(page.locator(".name").first).to_have_text("IMG_599.jpg")


def test_unsure_first_begins_with_what_is_least_sure(page: Page) -> None:
    page.get_by_role("combobox", name="Sort by").select_option("Unsure first")
    assert page.locator(".name").all_inner_texts()[:3] == [
        "IMG_300.jpg",
        "IMG_290.jpg",
        "IMG_310.jpg",
    ]
    assert page.locator(".card").first.locator(".unsure").is_visible()


def test_a_slash_leads_to_the_search_and_escape_back_to_the_photos(page: Page) -> None:
    press(page, "/")
    page.keyboard.type("2023 img_31")  # digits are text in here
    expect(page.locator("#count")).to_have_text("10 of 600 photos")
    press(page, "Escape", "ArrowRight")
    expect(focused(page)).to_have_accessible_name(link(310))


def test_a_question_mark_shows_the_keys_and_they_can_be_switched_off(page: Page) -> None:
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("next way to sort")).to_be_visible()
    keys.get_by_role("checkbox", name="Letters, digits and signs").uncheck()
    press(page, "Escape", "h", "?")
    expect(keys).to_be_hidden()
    expect(page.locator("#count")).to_have_text("600 photos")
    press(page, "ArrowRight")
    expect(focused(page)).to_have_accessible_name(link(0))


def drag(page: Page, start: float, end: float) -> None:
    """Drag over the histogram; from and to as shares of its width."""
    box = page.locator("#histogram svg").bounding_box()
    assert box
    page.mouse.move(box["x"] + start * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()


def test_dragging_over_the_histogram_shows_that_range_of_scores(page: Page) -> None:
    drag(page, 0.5, 0.74)
    low, high = score_range(page)
    means = [8 - 6 * n / COUNT for n in range(COUNT)]
    expected = sum(low <= round(mean, 4) < high for mean in means)
    expect(page.locator("#count")).to_have_text(f"{expected} of 600 photos")
    expect(page.locator("#score-range")).to_have_text(f"{low:g} to {high:g}")
    page.wait_for_url(f"**score={low:g}-{high:g}")


def test_a_click_on_a_bar_shows_its_photos_and_a_second_one_all(page: Page) -> None:
    drag(page, 0.5, 0.5)
    expect(page.locator("#count")).to_have_text("20 of 600 photos")
    drag(page, 0.5, 0.5)
    expect(page.locator("#count")).to_have_text("600 photos")


def test_the_ends_of_the_histogram_move_by_keyboard(page: Page) -> None:
    lowest = page.get_by_role("slider", name="Lowest score shown")
    highest = page.get_by_role("slider", name="Highest score shown")
    first = float(lowest.get_attribute("aria-valuetext") or "")
    lowest.press("ArrowRight")
    step = float(lowest.get_attribute("aria-valuetext") or "") - first
    assert 0.05 < step < 0.55
    highest.press("Home")  # not beyond the other end
    low, high = score_range(page)
    assert round(high - low, 2) == round(step, 2)


def test_a_reason_in_the_large_view_leads_to_all_photos_with_it(page: Page) -> None:
    page.locator(".card", has_text="soft focus").click()
    page.get_by_role("dialog").get_by_role("button", name="soft focus").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("6 of 600 photos")
    expect(page.get_by_role("combobox", name="Stands out by")).to_have_value("soft focus")


def test_the_large_view_says_percentile_interval_and_what_was_measured(page: Page) -> None:
    page.locator(".card").first.click()
    view = page.get_by_role("dialog", name="IMG_000.jpg")
    rows = view.locator("dl.numbers div").all_inner_texts()
    assert [row.split("\n") for row in rows][:2] == [
        ["Percentile in this library", "100.0"],
        ["Nine such photos in ten lie within", "4.0 to 6.0"],
    ]
    expect(view.get_by_text("leave open whether it is low")).to_be_visible()
    expect(view.get_by_text("6000 × 4000 (24.0 megapixels)")).to_be_visible()
    marks = view.locator("[data-fact=sharpness] .mark")
    assert float(marks.get_attribute("x") or "") < 1  # the least sharp of all
    press(page, "End")
    expect(page.locator("#view-name")).to_have_text("IMG_599.jpg")
    marks = page.locator("[data-fact=sharpness] .mark")
    assert float(marks.get_attribute("x") or "") > 96


def test_what_is_not_known_is_not_shown(tmp_path: Path, open_page: OpenPage) -> None:
    bare = [
        replace(photo(n), interval=None, percentile=None, unsure=None, reasons=(), facts=None)
        for n in range(20)
    ]
    page = open_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(write(tmp_path, bare))
    page.locator(".card").first.click()
    view = page.get_by_role("dialog", name="IMG_000.jpg")
    labels = view.locator("dl.numbers div:visible dt").all_inner_texts()
    assert labels == ["Chance of a mean of 5 or more", "People differ by"]
    assert "Measured" not in view.inner_text()
    assert complaints == []


def test_some_photos_may_know_less_than_others(tmp_path: Path, open_page: OpenPage) -> None:
    scores = [photo(n) for n in range(20)]
    scores[1] = replace(scores[1], interval=None, facts=None, reasons=(), unsure=None)
    page = open_page()
    page.goto(write(tmp_path, scores))
    page.locator(".card").nth(1).click()
    view = page.get_by_role("dialog")
    expect(view.locator("#view-facts")).to_be_hidden()
    expect(view.locator("#view-interval-row")).to_be_hidden()
    press(page, "ArrowRight")
    expect(view.locator("#view-facts")).to_be_visible()


def test_the_script_words_a_card_like_the_page_without_scripts(
    tmp_path: Path, open_page: OpenPage
) -> None:
    scores = [photo(n) for n in [0, 3, 10, 77, 130, 299, 300, 333, 401, 502, 590]]
    url = write(tmp_path, scores)
    said = {}
    for scripts in (True, False):
        page = open_page(java_script_enabled=scripts, viewport={"width": 1300, "height": 2000})
        page.goto(url)
        expect(page.locator(".card:visible")).to_have_count(len(scores))
        said[scripts] = page.locator(".card:visible").all_inner_texts()
    assert said[True] == said[False]


def test_a_picture_that_is_gone_leaves_a_card_that_says_so(
    tmp_path: Path, open_page: OpenPage
) -> None:
    url = write(tmp_path, [photo(n) for n in range(3)])
    (tmp_path / "picture.jpg").unlink()
    page = open_page()
    page.goto(url)
    expect(page.get_by_text("no preview").first).to_be_visible()


# ---- Phones


def test_on_a_phone_the_filters_lie_over_the_photos_until_they_are_closed(phone: Page) -> None:
    panel = phone.get_by_role("complementary")
    expect(panel).to_be_hidden()
    phone.get_by_role("button", name="Filters", exact=True).tap()
    panel.get_by_role("checkbox", name="Awe").check()
    expect(phone.locator("main")).to_have_js_property("inert", True)
    panel.get_by_role("button", name="Show 75").tap()
    expect(panel).to_be_hidden()
    expect(phone.get_by_role("button", name="Filters", exact=True)).to_be_focused()
    expect(phone.locator("#count")).to_have_text("75 of 600 photos")


def swipe(page: Page, by: int, down: int = 0) -> None:
    session = page.context.new_cdp_session(page)
    x, y = 200, 200
    touch = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    session.send("Input.dispatchTouchEvent", touch)
    for part in (0.25, 0.5, 0.75, 1):
        point = {"x": x + part * by, "y": y + part * down}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_swipe_steps_through_the_large_view(phone: Page) -> None:
    phone.locator(".card").first.tap()
    name = phone.locator("#view-name")
    swipe(phone, -120)
    expect(name).to_have_text("IMG_001.jpg")
    swipe(phone, -120)
    expect(name).to_have_text("IMG_002.jpg")
    swipe(phone, 120)
    expect(name).to_have_text("IMG_001.jpg")
    swipe(phone, 20)  # a finger that only trembles
    expect(name).to_have_text("IMG_001.jpg")
    assert phone.locator("#view-photo").evaluate("photo => photo.style.transform") == ""
