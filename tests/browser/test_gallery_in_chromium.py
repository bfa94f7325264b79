"""The gallery as a person meets it: opened from disk in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from iae.labels import EMOTIONS
from iae.scoring.gallery import relative_url, thumbnail_name, write_gallery
from iae.scoring.scores import PhotoScore

# path, mean score, strongest emotion and its share; listed best first
PHOTOS = [
    ("trip/IMG_10.jpg", 8.1, "awe", 0.5),
    ("trip/IMG_2.jpg", 7.2, "awe", 0.8),
    ("home/cat.jpg", 6.3, "amusement", 0.6),
    ('home/<b>rain & "fog"\'\n.jpg', 4.9, "sadness", 0.7),
    ("home/archive.jpg", 3.0, "fear", 0.4),
]
BY_SCORE = ["IMG_10.jpg", "IMG_2.jpg", "cat.jpg", '<b>rain & "fog"\'\\n.jpg', "archive.jpg"]

OpenPage = Callable[..., Page]


def scored(path: str, mean: float, emotion: str, share: float) -> PhotoScore:
    emotions = tuple(share if name == emotion else (1 - share) / 7 for name in EMOTIONS)
    return PhotoScore(
        path=path,
        aesthetic_mean=mean,
        aesthetic_std=1.4,
        levels=(0.1, 0.2, 0.3, 0.4),
        high_prob=mean / 10,
        emotions=emotions,
        positive_prob=sum(emotions[:4]),
    )


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of five photos and two files that could not be read."""
    folder = tmp_path_factory.mktemp("photos and gallery")
    out = folder / "gallery #1"
    (out / "thumbnails").mkdir(parents=True)
    thumbnails, originals = {}, {}
    for hue, (path, *_) in enumerate(PHOTOS):
        picture = Image.new("HSV", (960, 640), (hue * 40, 160, 200)).convert("RGB")
        (folder / path).parent.mkdir(exist_ok=True)
        picture.save(folder / path)
        thumbnails[path] = thumbnail_name(path)
        picture.resize((640, 427)).save(out / thumbnails[path])
        originals[path] = relative_url(f"../{path}")
    scores = [scored(*photo) for photo in reversed(PHOTOS)]
    scores += [PhotoScore(path=f"broken-{n}.jpg", error="damaged: cut short") for n in (1, 2)]
    return write_gallery(out, scores, thumbnails=thumbnails, originals=originals, notice="")


@pytest.fixture
def page(gallery: Path, open_page: OpenPage) -> Page:
    opened = open_page(viewport={"width": 1100, "height": 800})
    opened.goto(gallery.as_uri())
    return opened


def names(page: Page) -> list[str]:
    """The names of the cards to be seen, in their order on the page."""
    return page.locator(".card:visible .name").all_inner_texts()


def choose(page: Page, group: str, label: str) -> None:
    page.get_by_role("radiogroup", name=group).get_by_role("radio", name=label).check()


def test_it_opens_from_disk_without_any_request_to_the_network(
    gallery: Path, open_page: OpenPage
) -> None:
    page = open_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(gallery.as_uri(), wait_until="load")
    page.locator(".card").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#view-photo")).to_have_js_property("naturalWidth", 960)
    assert any(url.endswith("IMG_10.jpg") for url in requests)
    assert {url.partition(":")[0] for url in requests} <= {"file", "data"}
    assert complaints == []


def test_it_shows_the_cards_best_first(page: Page) -> None:
    assert names(page) == BY_SCORE
    expect(page.get_by_text("Showing 5 of 5")).to_be_visible()


def test_without_scripts_the_cards_stand_best_first_and_lead_to_the_photos(
    gallery: Path, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(gallery.as_uri())
    assert names(page) == BY_SCORE
    expect(page.get_by_role("form")).to_be_hidden()
    page.locator(".photo").first.click()
    page.wait_for_url("**/trip/IMG_10.jpg")


def test_names_are_sorted_as_people_count(page: Page) -> None:
    choose(page, "Sort by", "Name")
    assert names(page)[-2:] == ["IMG_2.jpg", "IMG_10.jpg"]


def test_sorting_by_emotion_follows_the_order_of_the_emotions_then_the_share(page: Page) -> None:
    choose(page, "Sort by", "Emotion")
    by_emotion = ["cat.jpg", "IMG_2.jpg", "IMG_10.jpg", "archive.jpg", BY_SCORE[3]]
    assert names(page) == by_emotion


def test_reverse_turns_the_order_round_and_back(page: Page) -> None:
    reverse = page.get_by_role("checkbox", name="Reverse")
    reverse.check()
    assert names(page) == BY_SCORE[::-1]
    reverse.uncheck()
    assert names(page) == BY_SCORE


def test_filters_narrow_the_cards_and_say_how_many_are_left(page: Page) -> None:
    choose(page, "Emotion", "Awe")
    assert names(page) == ["IMG_10.jpg", "IMG_2.jpg"]
    expect(page.get_by_text("Showing 2 of 5")).to_be_visible()
    choose(page, "Emotion", "All")
    choose(page, "Show", "Low")
    assert names(page) == BY_SCORE[3:]


def test_a_choice_counts_the_photos_it_would_show(page: Page) -> None:
    emotions = page.get_by_role("radiogroup", name="Emotion")
    expect(emotions.get_by_role("radio", name="Awe 2")).to_be_visible()
    choose(page, "Show", "Low")
    expect(emotions.get_by_role("radio", name="Awe 0")).to_be_visible()
    expect(emotions.get_by_role("radio", name="Fear 1")).to_be_visible()


def test_filters_that_leave_nothing_say_so_and_offer_a_way_back(page: Page) -> None:
    choose(page, "Show", "Low")
    choose(page, "Emotion", "Awe")
    expect(page.get_by_text("No photo matches these filters.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert names(page) == BY_SCORE


def test_the_choice_survives_a_reload_and_coming_back(page: Page, gallery: Path) -> None:
    choose(page, "Sort by", "Name")
    choose(page, "Emotion", "Awe")
    page.get_by_role("checkbox", name="Reverse").check()
    chosen = ["IMG_10.jpg", "IMG_2.jpg"]
    page.reload()
    assert names(page) == chosen
    page.goto(gallery.with_name("thumbnails").as_uri())
    page.go_back()
    assert names(page) == chosen
    expect(page.get_by_role("radio", name="Awe")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Reverse")).to_be_checked()


def test_an_unknown_choice_in_the_address_is_passed_over(
    gallery: Path, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{gallery.as_uri()}#sort=size&emotion=joy&quality=low")
    assert names(page) == BY_SCORE[3:]


def test_a_click_opens_the_large_view_with_everything_known(page: Page) -> None:
    page.locator(".card").nth(3).locator(".score").click()
    view = page.get_by_role("dialog", name=BY_SCORE[3])
    for text in ["4 of 5", "4.90", "People differ: ±1.4", "or more: 49%", "home/<b>rain"]:
        expect(view.get_by_text(text)).to_be_visible()
    assert view.locator("#view-level-list dd").all_inner_texts() == ["10%", "20%", "30%", "40%"]
    assert view.locator("#view-emotions dt").all_inner_texts() == list(EMOTIONS)
    assert view.locator("#view-emotions dd").all_inner_texts() == ["4%"] * 7 + ["70%"]
    expect(page.locator("#view-photo")).to_have_js_property("naturalWidth", 960)


def test_the_large_view_is_worked_by_keyboard_and_gives_the_focus_back(page: Page) -> None:
    page.locator(".photo").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="IMG_2.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".photo").nth(1)).to_be_focused()


def test_the_arrows_walk_through_what_is_shown_and_stop_at_its_ends(page: Page) -> None:
    choose(page, "Sort by", "Emotion")
    choose(page, "Show", "High")
    page.locator(".card:visible .photo").first.press("Enter")
    heading = page.get_by_role("dialog").get_by_role("heading", level=2)
    for key, name in [
        ("ArrowLeft", "cat.jpg"),
        ("ArrowRight", "IMG_2.jpg"),
        ("ArrowRight", "IMG_10.jpg"),
        ("ArrowRight", "IMG_10.jpg"),
        ("ArrowLeft", "IMG_2.jpg"),
    ]:
        page.keyboard.press(key)
        expect(heading).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Large view of IMG_2.jpg")).to_be_focused()


def test_the_buttons_of_the_large_view_step_and_close(page: Page) -> None:
    page.locator(".card").first.click()
    view = page.get_by_role("dialog")
    view.get_by_role("button", name="Next photo").click()
    expect(view.get_by_role("heading", name="IMG_2.jpg")).to_be_visible()
    view.get_by_role("button", name="Previous photo").click()
    expect(view.get_by_role("heading", name="IMG_10.jpg")).to_be_visible()
    view.get_by_role("button", name="Close").click()
    expect(view).to_be_hidden()


def test_when_the_original_is_gone_the_thumbnail_stays_and_the_view_says_so(
    gallery: Path, page: Page
) -> None:
    original = gallery.parents[1] / "home/cat.jpg"
    hidden = original.rename(original.with_name("moved.jpg"))
    try:
        page.locator(".card").nth(2).click()
        expect(page.get_by_text("The original could not be shown")).to_be_visible()
        width = page.locator("#view-photo").evaluate("photo => photo.naturalWidth")
    finally:
        hidden.rename(original)
    assert width == 640


@pytest.mark.parametrize("width", [360, 800])
def test_no_width_needs_scrolling_sideways(gallery: Path, open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    page.goto(gallery.as_uri())
    page.get_by_text("What the numbers mean").click()
    too_wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(too_wide)
    page.locator(".card").first.click()
    buttons = page.get_by_role("dialog").get_by_role("button")
    for button in buttons.all():
        expect(button).to_be_in_viewport(ratio=1)
    assert not page.evaluate(too_wide)


def test_dark_and_light_differ_as_the_system_asks(gallery: Path, open_page: OpenPage) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        page.goto(gallery.as_uri())
        colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        brightness[scheme] = int(colour.removeprefix("rgb(").split(",")[0])
    assert brightness["light"] > 200
    assert brightness["dark"] < 60


def test_nothing_moves_for_people_who_asked_for_that(gallery: Path, open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto(gallery.as_uri())
    moving = (
        "[...document.querySelectorAll('*')].some("
        "element => getComputedStyle(element).transitionDuration !== '0s')"
    )
    assert not page.evaluate(moving)


def test_thumbnails_far_below_wait_until_they_are_scrolled_to(
    tmp_path: Path, open_page: OpenPage
) -> None:
    (tmp_path / "thumbnails").mkdir()
    paths = [f"{n:03}.jpg" for n in range(120)]
    for path in paths:
        Image.new("RGB", (64, 48)).save(tmp_path / thumbnail_name(path))
    write_gallery(
        tmp_path,
        [scored(path, 5.0, "awe", 0.5) for path in paths],
        thumbnails={path: thumbnail_name(path) for path in paths},
        originals={},
        notice="",
    )
    page = open_page(viewport={"width": 360, "height": 700})
    page.goto((tmp_path / "index.html").as_uri(), wait_until="load")
    first, last = page.locator(".card img").first, page.locator(".card img").last
    expect(first).to_have_js_property("naturalWidth", 64)
    expect(last).to_have_js_property("naturalWidth", 0)
    height = "image => image.getBoundingClientRect().height"
    height_before = last.evaluate(height)
    last.scroll_into_view_if_needed()
    expect(last).to_have_js_property("naturalWidth", 64)
    assert last.evaluate(height) == height_before


def test_unreadable_files_are_reached_from_the_top_and_keep_the_choice(page: Page) -> None:
    choose(page, "Emotion", "Awe")
    page.get_by_role("link", name="2 could not be read").click()
    section = page.get_by_role("region", name="Could not be read")
    expect(section).to_be_focused()
    expect(section.get_by_text("broken-2.jpg")).to_be_in_viewport()
    expect(section.get_by_text("damaged: cut short")).to_have_count(2)
    assert page.url.endswith("#emotion=awe")
