"""The rating page as a volunteer meets it: a real server, a real browser, a real study."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from playwright.sync_api import Page, expect
from rating_server import UNLIMITED, make_study
from sqlalchemy import select

from iae.study.schema import ASSIGNMENT, IMAGE, VOTE, State
from iae.study.service import open_study
from iae.web.app import create_app
from iae.web.doors import new_owner_token
from iae.web.screens import Screens
from iae.web.server import make_server, open_socket

OpenPage = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
         "device_scale_factor": 2}  # fmt: skip
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


class Running:
    """A study and its server, which can be stopped and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = open_study(folder)
        self.owner_token = new_owner_token()
        self.port = 0
        self.start()

    def start(self) -> None:
        listening = open_socket("127.0.0.1", self.port)
        self.port = listening.getsockname()[1]
        app = create_app(self.study, origins=[self.url], screens=Screens(self.folder / "screens"),
                         owner_token=self.owner_token, limits=UNLIMITED)  # fmt: skip
        self.server: uvicorn.Server = make_server(app)
        self.thread = Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(20)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        return f"{self.url}/join/{self.study.invite()[1]}"

    def standing(self) -> list[str]:
        """The answers of all votes that stand, in the order in which they were stored."""
        votes = (
            select(VOTE.c.answers)
            .join(ASSIGNMENT, ASSIGNMENT.c.vote_id == VOTE.c.id)
            .where(ASSIGNMENT.c.state == State.VOTED)
            .order_by(VOTE.c.id)
        )
        with self.study.storage.reading() as connection:
            return [text.split('"')[-2] for text in connection.execute(votes).scalars()]

    def rows(self) -> int:
        """How many steps the history of votes has."""
        with self.study.storage.reading() as connection:
            return len(connection.execute(select(VOTE.c.id)).all())


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    one = Running(make_study(tmp_path, photos=12, more=getattr(request, "param", "")))
    yield one
    one.stop()
    one.study.close()


def begin(page: Page, link: str) -> Page:
    page.goto(link)
    page.get_by_role("button", name="I agree").click()
    shown(page, 1)
    return page


def shown(page: Page, number: int) -> None:
    """Wait for the photo with this number, and until answers count."""
    expect(page.get_by_role("img", name=f"Photo {number}", exact=True)).to_be_visible()
    expect(page.locator("#levels.resting")).to_have_count(0)
    expect(page.locator("#stage.loading")).to_have_count(0)
    page.wait_for_timeout(200)


def rated(page: Page, count: int) -> None:
    expect(page.locator("#progress-text")).to_have_text(f"{count} rated, up to {12 - count} left")


def saved(page: Page) -> None:
    expect(page.locator("#link")).to_have_text("Saved")


def press(page: Page, keys: str, first: int = 1) -> None:
    """Rate one photo a key, beginning with the ``first``."""
    for number, key in enumerate(keys, first):
        shown(page, number)
        page.keyboard.press(key)
    shown(page, first + len(keys))


def test_photos_are_rated_by_number_and_by_letter(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "1gF4")
    saved(page)
    assert running.standing() == ["excellent", "good", "fair", "bad"]


def test_photos_are_rated_by_touch_on_a_phone(running: Running, open_page: OpenPage):
    page = begin(open_page(**PHONE), running.link())
    for number, label in enumerate(("Good", "Bad"), 1):
        shown(page, number)
        page.get_by_role("button", name=label).tap()
    shown(page, 3)
    saved(page)
    assert running.standing() == ["good", "bad"]


def test_everything_to_press_on_a_phone_is_large_and_nothing_has_to_be_scrolled_to(
    running: Running, open_page: OpenPage
):
    page = begin(open_page(**PHONE), running.link())
    for button in page.locator(".level").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollHeight") <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_last_answer_is_taken_back_and_given_anew(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "11")
    page.keyboard.press("Backspace")
    shown(page, 2)
    expect(page.locator(".level.before")).to_contain_text("Excellent")
    page.keyboard.press("4")
    shown(page, 3)
    saved(page)
    rated(page, 2)
    assert running.standing() == ["excellent", "bad"]


def test_a_tab_closed_in_the_middle_loses_nothing_and_goes_on_at_the_same_photo(
    running: Running, open_page: OpenPage
):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "12")
    context = page.context
    page.keyboard.press("3")
    page.close()  # right after the key, without waiting for the server
    again = context.new_page()
    again.goto(f"{running.url}/rate")
    shown(again, 4)
    rated(again, 3)
    assert running.standing() == ["excellent", "good", "fair"]
    assert running.rows() == 3


def test_votes_without_a_connection_are_kept_and_arrive_once(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "1")
    saved(page)
    page.context.set_offline(True)
    press(page, "23", first=2)
    expect(page.locator("#link")).to_contain_text("2 waiting")
    assert running.standing() == ["excellent"]
    page.context.set_offline(False)
    saved(page)
    assert running.standing() == ["excellent", "good", "fair"]
    assert running.rows() == 3


def test_votes_wait_out_a_reload_without_a_server(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "1")
    saved(page)
    running.stop()
    press(page, "2", first=2)
    context = page.context
    page.close()
    running.start()
    again = context.new_page()
    again.goto(f"{running.url}/rate")
    saved(again)
    rated(again, 2)
    assert running.standing() == ["excellent", "good"]


def test_a_page_without_a_server_asks_now_and_then_and_not_all_the_time(
    running: Running, open_page: OpenPage
):
    page = begin(open_page(**DESKTOP), running.link())
    running.stop()
    for number in range(1, 5):  # as many photos as are in memory
        shown(page, number)
        page.keyboard.press("1")
    expect(page.locator("#link")).to_contain_text("4 waiting")
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.wait_for_timeout(3000)
    assert len(failed) < 15
    running.start()
    shown(page, 5)
    saved(page)
    assert len(running.standing()) == 4


def test_an_answer_that_got_lost_makes_no_second_vote(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    lost = []

    def lose_first(route, request):
        if lost:
            return route.continue_()
        lost.append(route.fetch())  # the server stores it, and nobody hears
        return route.abort()

    page.route("**/api/votes", lose_first)
    press(page, "1")
    saved(page)
    assert running.rows() == 1


def test_two_tabs_of_one_rater_never_count_a_photo_twice(running: Running, open_page: OpenPage):
    one = begin(open_page(**DESKTOP), running.link())
    two = one.context.new_page()
    two.goto(f"{running.url}/rate")
    shown(two, 1)
    press(one, "1")
    shown(two, 2)  # the other tab went on by itself
    two.keyboard.press("4")
    shown(one, 3)
    saved(one)
    rated(two, 2)
    assert running.standing() == ["excellent", "bad"]
    assert running.rows() == 2


@pytest.mark.parametrize("running", ['questions = ["quality", "emotion"]'], indirect=True)
def test_two_questions_come_one_after_the_other_on_one_photo(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="What does this photo make you feel?")).to_be_visible()
    page.wait_for_timeout(200)
    page.keyboard.press("8")
    shown(page, 2)
    saved(page)
    assert running.standing() == ["sadness"]


@pytest.mark.parametrize("running", ["[pause]\nevery = 2\nseconds = 60"], indirect=True)
def test_a_pause_is_suggested_and_may_be_cut_short(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    press(page, "1")
    page.keyboard.press("1")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A short pause rests the eyes")
    page.keyboard.press("3")  # no answer while the photo is covered
    dialog.get_by_role("button", name="Go on").click()
    shown(page, 3)
    saved(page)
    assert running.standing() == ["excellent", "excellent"]


def test_time_behind_a_pause_or_in_another_tab_does_not_count(
    running: Running, open_page: OpenPage
):
    page = begin(open_page(**DESKTOP), running.link())
    page.get_by_role("button", name="Instructions").click()
    page.wait_for_timeout(1500)
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    press(page, "1")
    saved(page)
    with running.study.storage.reading() as connection:
        assert connection.execute(select(VOTE.c.seconds)).scalar_one() < 1.5


def test_the_language_changes_without_losing_the_photo(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    page.locator("header select").select_option("zh")
    expect(page.get_by_role("button", name="优秀")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.keyboard.press("1")
    expect(page.locator("#link")).to_have_text("已保存")
    assert running.standing() == ["excellent"]


def test_the_page_can_be_used_with_tab_and_enter_alone(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    page.get_by_role("button", name="Fair").focus()
    page.keyboard.press("Enter")
    shown(page, 2)
    assert page.evaluate("document.activeElement.value") == "fair"  # the focus stays
    page.keyboard.press("Enter")
    shown(page, 3)
    saved(page)
    assert running.standing() == ["fair", "fair"]


def test_single_keys_can_be_turned_off_and_stay_off(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    page.get_by_role("button", name="Instructions").click()
    page.get_by_role("checkbox", name="Single keys answer").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    for _ in range(2):
        page.keyboard.press("1")
        page.keyboard.press("g")
        page.wait_for_timeout(300)
        assert running.rows() == 0
        assert page.locator("kbd:visible").count() == 0
        assert page.locator("[aria-keyshortcuts]").count() == 0
        page.reload()
        shown(page, 1)
    page.get_by_role("button", name="Good").click()
    saved(page)
    page.keyboard.press("Control+z")  # two keys at once are no accident
    shown(page, 1)
    page.get_by_role("button", name="Instructions").click()
    page.get_by_role("checkbox", name="Single keys answer").check()
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    with page.expect_response("**/api/votes"):
        page.keyboard.press("1")
    assert running.standing() == ["excellent"]


def test_an_unreadable_photo_is_passed_over_and_another_comes(
    running: Running, open_page: OpenPage
):
    page = begin(open_page(**DESKTOP), running.link())
    with running.study.storage.reading() as connection:
        images = connection.execute(
            select(IMAGE.c.public_id)
            .join(ASSIGNMENT, ASSIGNMENT.c.image_id == IMAGE.c.id)
            .order_by(ASSIGNMENT.c.number)
        ).scalars().all()  # fmt: skip
    bad = images[6]  # not loaded ahead yet
    running.study.image_path(bad).write_bytes(b"not a photo")
    for number in range(1, 13):
        if number == 7:
            continue
        shown(page, number)
        page.keyboard.press("2")
    expect(page.locator("#card-text")).to_have_text("You have rated all photos. Thank you!")
    assert running.rows() == 11
    assert running.study.status().unreadable == (running.study.image_path(bad).name,)


def test_after_the_last_photo_the_page_says_thank_you(running: Running, open_page: OpenPage):
    page = begin(open_page(**DESKTOP), running.link())
    for number in range(1, 13):
        shown(page, number)
        page.keyboard.press("2")
    expect(page.locator("#card-text")).to_have_text("You have rated all photos. Thank you!")
    page.get_by_role("button", name="Undo").click()
    shown(page, 12)


def test_a_link_that_opens_nothing_says_so_in_every_language(running: Running, open_page: OpenPage):
    page = open_page(**DESKTOP)
    page.goto(f"{running.url}/join/{'A' * 43}")
    expect(page.get_by_text("This link is not valid")).to_be_visible()
    expect(page.locator("[lang=zh]")).to_be_visible()


def test_the_browser_finds_nothing_to_complain_about(running: Running, open_page: OpenPage):
    page = open_page(**DESKTOP)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    begin(page, running.link())
    press(page, "12")
    saved(page)
    assert complaints == []
    assert all(url.startswith((running.url, "blob:")) for url in requested)
