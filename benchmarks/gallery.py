"""How the gallery of a large library feels in Chromium, opened from disk.

    python benchmarks/gallery.py PHOTOS OUT [COUNT]

Scores up to 1,500 photos found below PHOTOS with the bundled model, measures their technical facts,
and writes a gallery of COUNT (10,000) photos into OUT: the same ones again under other names, each
with a thumbnail file of 640 pixels. Then it is opened like a person would, at the size of a laptop
and at that of a phone whose processor is four times slower, and timed: until the first paint, until
the photos of the first screen are there, while it scrolls, and after a key is pressed.

"Longest task" is the longest stretch for which the main thread of the page did not answer, from
Chromium's own trace, by the clock and in processor time: on a machine that has other work the clock
mostly measures that. A frame is late when it comes more than 50 ms after the one before.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from iae.files import written_whole
from iae.images.decode import decode_photo
from iae.images.preprocess import Pixels, to_pixels
from iae.images.technical import TechnicalFacts, technical_facts
from iae.scoring.find import find_photos
from iae.scoring.gallery import relative_url, thumbnail_name, write_gallery
from iae.scoring.library import library_view
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore

DISTINCT = 1_500
SIDE = 640
PROGRAM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
TRACED = ["disabled-by-default-devtools.timeline", "__metadata"]
LAPTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}


def scored_photos(folder: Path) -> list[tuple[Path, PhotoScore]]:
    """Up to 1,500 photos of a folder with their scores and facts."""
    scorer = Scorer()
    spec = scorer.info.preprocess
    found = [photo for photo in find_photos([folder], leave_out=folder / "x") if not photo.problem]
    every = max(len(found) // DISTINCT, 1)
    paths = [photo.path for photo in found[::every]][:DISTINCT]
    facts: dict[str, TechnicalFacts] = {}

    def prepared() -> Iterator[tuple[str, Pixels]]:
        for path in paths:
            photo = decode_photo(path)
            facts[str(path)] = technical_facts(photo)
            yield str(path), to_pixels(photo.image, spec)

    scores = list(scorer.score_stream(prepared()))
    return [
        (path, replace(score, facts=facts[score.path]))
        for path, score in zip(paths, scores, strict=True)
    ]


def make_gallery(photos: list[tuple[Path, PhotoScore]], out: Path, count: int) -> Path:
    """A gallery of ``count`` photos under names of their own, with a thumbnail file each."""
    scores, thumbnails, originals = [], {}, {}
    made: dict[Path, Path] = {}
    for number, (path, score) in enumerate(islice(cycle(photos), count)):
        name = f"Pictures/{2010 + number * 15 // count}/IMG_{number:05d}{path.suffix}"
        thumbnails[name] = thumbnail_name(name)
        originals[name] = relative_url(os.path.relpath(path, out))
        scores.append(replace(score, path=name))
        _make_thumbnail(path, out / thumbnails[name], made)
    broken = [PhotoScore(path=f"Pictures/{n}.jpg", error="damaged: cut short") for n in range(50)]
    return write_gallery(
        out,
        library_view([*scores, *broken]),
        thumbnails=thumbnails,
        originals=originals,
        notice="A benchmark",
    )


def _make_thumbnail(photo: Path, target: Path, made: dict[Path, Path]) -> None:
    if target.exists():
        made.setdefault(photo, target)
    elif photo in made:
        os.link(made[photo], target)  # another file to the browser, but no space on the disk
    else:
        image = Image.open(photo).convert("RGB")
        factor = SIDE / max(image.size)
        image = image.resize((round(image.width * factor), round(image.height * factor)))
        with written_whole(target) as part:
            image.save(part, "JPEG", quality=85)
        made[photo] = target


# ---- Measuring

# Bound to the window before the page runs.
RECORDER = """
window.frames_ = [];
const beat = (now) => { window.frames_.push(now); requestAnimationFrame(beat); };
requestAnimationFrame(beat);
"""

SCREEN_IS_THERE = """() => {
  const onScreen = [...document.querySelectorAll('.card img')].filter((image) => {
    const box = image.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  return onScreen.length > 0 && onScreen.every((image) => image.complete && image.naturalWidth);
}"""

DRAG_THE_SCROLLBAR = """() => new Promise((done) => {
  const height = document.documentElement.scrollHeight - innerHeight;
  const start = performance.now();
  const move = (now) => {
    const at = (now - start) / 5000; // down and up again in five seconds
    if (at > 1) return done();
    scrollTo(0, height * Math.sin(Math.PI * at));
    requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
})"""


def main() -> None:
    """Make the gallery, open it in both sizes, print what was measured."""
    folder, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if sys.argv[3:] else 10_000
    page_file = make_gallery(scored_photos(folder), out, count)
    size = page_file.stat().st_size / 1e6
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(ARGUMENTS))
        print(f"{platform.machine()}, {os.cpu_count()} cores, Chromium {browser.version}, no GPU")
        print(f"load average {os.getloadavg()[0]:.1f} when this began")
        print(f"{count:,} photos, index.html {size:.2f} MB\n")
        measure(browser, page_file, "laptop, 1440 x 900", LAPTOP, slower=1)
        measure(browser, page_file, "phone, 390 x 844 x 3, four times slower", PHONE, slower=4)
        browser.close()


def measure(
    browser: Browser, file: Path, title: str, options: dict[str, Any], *, slower: int
) -> None:
    """Print the table of one kind of screen."""
    print(title)
    page = browser.new_context(**options).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(RECORDER)
    there = 0.0

    def open_page() -> None:
        nonlocal there
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_function(SCREEN_IS_THERE, polling=10, timeout=60_000)
        there = page.evaluate("performance.now()")

    tasks = trace(browser, page, open_page)
    paint = page.evaluate("performance.getEntriesByType('paint')[0].startTime")
    row("first paint", f"{paint:.0f} ms")
    row("photos of the first screen are there", f"{there:.0f} ms")
    row("longest task while opening", str(tasks))
    row("cards in the page", str(page.locator(".card").count()))
    row("elements in the page", str(page.evaluate("document.querySelectorAll('*').length")))
    middle = {"x": options["viewport"]["width"] // 2, "y": 450}
    for what, speed in (("scrolling, 3,000 pixels a second", 3_000), ("… 12,000", 12_000)):
        gesture = {**middle, "yDistance": -5 * speed, "speed": speed, "preventFling": True,
                   "gestureSourceType": "touch" if slower > 1 else "mouse"}  # fmt: skip
        scrolled(browser, page, what, lambda g=gesture: session.send(
            "Input.synthesizeScrollGesture", g))  # fmt: skip
    scrolled(browser, page, "scrollbar dragged to the end and back",
             lambda: page.evaluate(DRAG_THE_SCROLLBAR))  # fmt: skip
    pressed(browser, page)
    page.context.close()
    print()


@dataclass(frozen=True)
class Tasks:
    """What the main thread of a page did, task by task."""

    wall: list[float]
    """Milliseconds each took, in order of their start."""
    processor: list[float]
    """Milliseconds of processor time of each: what is left when other programs take none."""

    def __str__(self) -> str:
        return f"{max(self.wall):.0f} ms ({max(self.processor):.0f} ms of processor time)"


def trace(browser: Browser, page: Page, what: Callable[[], object]) -> Tasks:
    """Do something and return the tasks of the page's main thread meanwhile."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "trace.json"
        browser.start_tracing(page=page, path=file, categories=TRACED)
        what()
        browser.stop_tracing()
        events = json.loads(file.read_bytes())["traceEvents"]
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event
        for event in events
        if event["name"] == "RunTask"
        and (event["pid"], event["tid"]) in main_threads
        and "tdur" in event
    ]
    return Tasks(
        wall=[task["dur"] / 1000 for task in tasks],
        processor=[task["tdur"] / 1000 for task in tasks],
    )


def scrolled(browser: Browser, page: Page, what: str, scroll: Callable[[], object]) -> None:
    """Print how frames came while the page scrolled."""
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    page.evaluate("frames_.length = 0")
    tasks = trace(browser, page, scroll)
    times = page.evaluate("frames_")
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    late = sum(gap > 50 for gap in gaps)
    row(what, f"{len(gaps)} frames, median {gaps[len(gaps) // 2]:.0f} ms, "
        f"95 % within {gaps[len(gaps) * 95 // 100]:.0f} ms, {late} late, "
        f"longest task {tasks}")  # fmt: skip


def pressed(browser: Browser, page: Page) -> None:
    """Print how long a key keeps the page busy, and how long until the photos are there."""
    page.evaluate("scrollTo(0, 0)")
    keys = {
        "to the last photo": "End",
        "one row up": "ArrowUp",
        "only one emotion": "3",
        "all again": "0",
        "sorted by emotion": "s",
        "sorted by name (first time)": "s",
        "as found": "s",
        "only high scores": "h",
        "large view": "Enter",
        "next photo": "ArrowRight",
    }
    for what, key in keys.items():
        start = page.evaluate("performance.now()")
        there = start

        def press(key: str = key) -> None:
            nonlocal there
            page.keyboard.press(key)
            page.wait_for_function(SCREEN_IS_THERE, polling=10)
            there = page.evaluate("performance.now()")

        tasks = trace(browser, page, press)
        row(f"key: {what}", f"photos there in {there - start:.0f} ms, longest task {tasks}")
        page.wait_for_timeout(300)


def row(what: str, measured: str) -> None:
    """Print a line of the table."""
    print(f"  {what:<40}{measured}", flush=True)


if __name__ == "__main__":
    main()
