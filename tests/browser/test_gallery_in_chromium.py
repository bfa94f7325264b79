"""The gallery as a person meets it: opened from disk in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

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


def show_only(page: Page, quality: str) -> None:
    page.get_by_role("radiogroup", name="Show").get_by_role("radio", name=quality).check()


def emotion(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Strongest emotion").get_by_role("checkbox", name=name)


def sort_by(page: Page, order: str) -> None:
    page.get_by_role("combobox", name="Sort by").select_option(order)


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
    expect(page.locator("#count")).to_have_text("5 photos")


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
    sort_by(page, "Name")
    assert names(page)[-2:] == ["IMG_2.jpg", "IMG_10.jpg"]


def test_sorting_by_emotion_follows_the_share_of_what_is_chosen_or_of_the_strongest(
    page: Page,
) -> None:
    sort_by(page, "Emotion share")
    assert names(page) == ["IMG_2.jpg", BY_SCORE[3], "cat.jpg", "IMG_10.jpg", "archive.jpg"]
    emotion(page, "Awe").check()
    assert names(page) == ["IMG_2.jpg", "IMG_10.jpg"]


def test_as_found_is_the_order_in_which_the_photos_were_given(page: Page) -> None:
    sort_by(page, "As found")
    assert names(page) == BY_SCORE[::-1]


def test_reverse_turns_the_order_round_and_back(page: Page) -> None:
    reverse = page.get_by_role("checkbox", name="Reverse")
    reverse.check()
    assert names(page) == BY_SCORE[::-1]
    reverse.uncheck()
    assert names(page) == BY_SCORE


def test_filters_narrow_the_cards_and_say_how_many_are_left(page: Page) -> None:
    emotion(page, "Awe").check()
    assert names(page) == ["IMG_10.jpg", "IMG_2.jpg"]
    expect(page.locator("#count")).to_have_text("2 of 5 photos")
    emotion(page, "Fear").check()
    assert names(page) == ["IMG_10.jpg", "IMG_2.jpg", "archive.jpg"]
    emotion(page, "Awe").uncheck()
    emotion(page, "Fear").uncheck()
    show_only(page, "Low")
    assert names(page) == BY_SCORE[3:]


def test_a_choice_counts_the_photos_it_would_show(page: Page) -> None:
    expect(emotion(page, "Awe 2")).to_be_visible()
    show_only(page, "Low")
    expect(emotion(page, "Awe 0")).to_be_visible()
    expect(emotion(page, "Fear 1")).to_be_visible()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("CAT", ["cat.jpg"]),
        ("trip", ["IMG_10.jpg", "IMG_2.jpg"]),
        ("img 2", ["IMG_2.jpg"]),
        ("<b>", [BY_SCORE[3]]),
        ("nowhere", []),
    ],
)
def test_a_search_finds_the_names_that_hold_every_word(
    page: Page, words: str, found: list[str]
) -> None:
    page.get_by_role("searchbox", name="Search by name").fill(words)
    assert names(page) == found


def test_filters_that_leave_nothing_say_so_and_offer_a_way_back(page: Page) -> None:
    show_only(page, "Low")
    emotion(page, "Awe").check()
    expect(page.get_by_text("No photo matches these filters.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert names(page) == BY_SCORE


def test_the_choice_survives_a_reload_and_coming_back(page: Page, gallery: Path) -> None:
    sort_by(page, "Name")
    emotion(page, "Awe").check()
    page.get_by_role("checkbox", name="Reverse").check()
    chosen = ["IMG_10.jpg", "IMG_2.jpg"]
    page.reload()
    assert names(page) == chosen
    page.goto(gallery.with_name("thumbnails").as_uri())
    page.go_back()
    assert names(page) == chosen
    expect(emotion(page, "Awe")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Reverse")).to_be_checked()


def test_the_open_photo_survives_a_reload_and_back_closes_it(page: Page) -> None:
    page.locator(".card").nth(1).click()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**photo=home/cat.jpg")
    page.reload()
    expect(page.get_by_role("dialog", name="cat.jpg")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_forward()
    expect(page.get_by_role("dialog", name="cat.jpg")).to_be_visible()


def test_a_photo_that_was_closed_stays_closed_after_a_reload(page: Page) -> None:
    page.locator(".card").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "photo=" not in url)
    page.reload()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_an_unknown_choice_in_the_address_is_passed_over(
    gallery: Path, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(
        f"{gallery.as_uri()}#sort=size&emotion=joy&quality=low&score=x-3&photo=none.jpg&at=.."
    )
    assert names(page) == BY_SCORE[3:]


def test_a_click_opens_the_large_view_with_everything_known(page: Page) -> None:
    page.locator(".card").nth(3).locator(".score").click()
    view = page.get_by_role("dialog", name=BY_SCORE[3])
    for text in ["4 of 5", "4.90", "±1.4", "49%", "home/<b>rain"]:
        expect(view.get_by_text(text).first).to_be_visible()
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


def test_enter_opens_the_first_photo_of_a_page_that_was_not_touched_yet(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=BY_SCORE[0])).to_be_visible()


def test_a_choice_is_shown_in_its_order_with_the_place_of_each_photo(
    tmp_path: Path, open_page: OpenPage
) -> None:
    chosen = [scored(*PHOTOS[place]) for place in (1, 0, 2)]
    file = write_gallery(
        tmp_path, chosen, thumbnails={}, originals={}, notice="", chosen_from=14_000
    )
    page = open_page()
    page.goto(file.as_uri())
    assert names(page) == [BY_SCORE[1], BY_SCORE[0], BY_SCORE[2]]
    assert page.locator(".card:visible .standing").all_inner_texts() == ["no. 1", "no. 2", "no. 3"]
    expect(page.get_by_text("3 of 14,000 photos")).to_be_visible()
    sort_by(page, "Score")
    assert names(page) == BY_SCORE[:3]
    assert page.locator(".card:visible .standing").all_inner_texts() == ["no. 2", "no. 1", "no. 3"]
    sort_by(page, "As chosen")
    assert names(page) == [BY_SCORE[1], BY_SCORE[0], BY_SCORE[2]]


def test_the_arrows_walk_through_what_is_shown_and_stop_at_its_ends(page: Page) -> None:
    sort_by(page, "Name")
    show_only(page, "High")
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
    too_wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(too_wide)
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_text("What the numbers mean").click()
    assert not page.evaluate(too_wide)
    page.get_by_role("button", name="Show 5").click()
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


def test_unreadable_files_are_reached_from_the_top_and_keep_the_choice(page: Page) -> None:
    emotion(page, "Awe").check()
    page.get_by_role("link", name="2 could not be read").click()
    section = page.get_by_role("region", name="Could not be read")
    expect(section).to_be_focused()
    expect(section.get_by_text("broken-2.jpg")).to_be_in_viewport()
    expect(section.get_by_text("damaged: cut short")).to_have_count(2)
    page.wait_for_url("**#emotion=awe**")
