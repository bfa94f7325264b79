"""The page of the series as a person meets it: opened from disk in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bursts import shoot
from playwright.sync_api import Page, expect

from iae.pick.choice import Decision, choose
from iae.pick.overrules import read_overrules
from iae.pick.page import write_page
from iae.scoring.scores import PhotoScore

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def picks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A series of three, the second best, and a series of two that is too close to call."""
    out = tmp_path_factory.mktemp("picks")
    names = [f"{number}.jpg" for number in range(5)]
    for number, name in enumerate(names):
        shoot(out / name, number // 3, step=3 * number)
    scores = [
        PhotoScore(path=name, aesthetic_mean=score)
        for name, score in zip(names, (5, 7, 6, 5, 5), strict=True)
    ]
    write_page(out, choose(scores, [[0, 1, 2], [3, 4]]), scores, thumbnails={}, originals=names,
               keep=1, notice="")  # fmt: skip
    return out / "picks.html"


@pytest.fixture
def page(picks: Path, open_page: OpenPage) -> Page:
    page = open_page(viewport={"width": 1200, "height": 800}, accept_downloads=True)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda said: pytest.fail(said.text) if said.type == "error" else None)
    page.goto(picks.as_uri())
    return page


def bests(page: Page) -> list[str]:
    return page.locator(".shot.best .name").all_inner_texts()


def test_arrows_walk_and_space_overrules_and_takes_back(page: Page):
    assert bests(page) == ["1.jpg", "3.jpg"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert bests(page) == ["2.jpg", "3.jpg"]
    expect(page.locator("#said")).to_have_text("2.jpg is the best of series 1")
    page.keyboard.press("Enter")
    assert bests(page) == ["1.jpg", "3.jpg"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert bests(page) == ["1.jpg", "4.jpg"]


def test_decisions_stay_after_a_reload_and_are_exported_for_the_next_run(
    page: Page, tmp_path: Path
):
    page.keyboard.press("x")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    page.reload()
    assert bests(page) == ["0.jpg", "3.jpg"]
    with page.expect_download() as download:
        page.keyboard.press("e")
    assert download.value.suggested_filename == "overrules.json"
    download.value.save_as(tmp_path / "overrules.json")
    assert read_overrules(tmp_path / "overrules.json").by_path == {
        "0.jpg": Decision(best=True),
        "1.jpg": Decision(keep=False),
    }
    assert json.loads((tmp_path / "overrules.json").read_text())["format"] == "iae-overrules"


def test_buttons_do_what_keys_do(page: Page):
    second = page.locator(".series").nth(1)
    second.get_by_role("button", name="Best").nth(1).click()
    assert bests(page) == ["1.jpg", "4.jpg"]
    second.get_by_role("button", name="Keep").nth(0).click()
    expect(second.locator(".shot.kept")).to_have_count(2)


def test_comparing_zooms_to_single_pixels_and_moves_all_shots_together(page: Page):
    page.keyboard.press("z")
    expect(page.locator(".pane.loaded")).to_have_count(3)
    page.set_viewport_size({"width": 700, "height": 640})  # smaller than the photos
    page.keyboard.press("z")
    expect(page.locator("#zoom-level")).to_have_text("100%")
    place = "pictures => pictures.map(p => [p.style.left, p.style.top, p.style.width])"
    before = page.locator(".frame img").evaluate_all(place)
    assert {width for _, _, width in before} == {"440px"}  # as wide as the photo has pixels
    page.keyboard.press("Shift+ArrowDown")
    after = page.locator(".frame img").evaluate_all(place)
    assert len({tuple(one) for one in after}) == 1
    assert after != before
    frame = page.locator(".frame").first.bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 50, frame["y"] + 50)
    page.mouse.down()
    page.mouse.move(frame["x"] + 50, frame["y"] + 90, steps=3)
    page.mouse.up()
    dragged = page.locator(".frame img").evaluate_all(place)
    assert len({tuple(one) for one in dragged}) == 1
    assert dragged != after
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()


def test_the_choice_can_be_made_while_comparing(page: Page):
    page.keyboard.press("z")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(page.locator(".pane.best .name")).to_have_text("0.jpg")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#zoom-title")).to_have_text("Series 2: 1 of 2")
    page.keyboard.press("Escape")
    assert bests(page) == ["0.jpg", "3.jpg"]


def test_only_close_series_or_those_decided_are_shown_on_demand(page: Page):
    page.locator(".choice", has_text="Too close to call").click()
    expect(page.locator(".series:visible")).to_have_count(1)
    page.locator(".choice", has_text="Decided by you").click()
    expect(page.get_by_text("No series here.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".series:visible")).to_have_count(2)


def test_single_keys_can_be_switched_off(page: Page):
    page.keyboard.press("?")
    page.get_by_label("Letters and signs work as keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#zoom")).to_be_hidden()


def test_a_phone_shows_the_page_without_scrolling_sideways(picks: Path, open_page: OpenPage):
    page = open_page(viewport={"width": 390, "height": 844})
    page.goto(picks.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Compare").first.click()
    expect(page.locator(".pane")).to_have_count(2)


def test_without_scripts_every_series_is_there_and_links_to_its_photos(
    picks: Path, open_page: OpenPage
):
    page = open_page(java_script_enabled=False)
    page.goto(picks.as_uri())
    expect(page.locator(".shot")).to_have_count(5)
    expect(page.locator(".shot .photo").first).to_have_attribute("href", "0.jpg")
