"""Who gets which image in a study of full size: 22,086 images, ten raters each.

    python benchmarks/study_assignment.py [--images 22086] [--raters 200] [--leaving 100]

Everything that raters do goes through ``iae.study.rating`` as in the server, in one transaction
that is never committed: the disk is not what is measured here. Half of the raters leave for good
when they have given half of their share, with photos still on their screens. After every single
vote the numbers of votes of the fullest and of the emptiest image are compared.
"""

import argparse
import heapq
import random
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from iae.study.new import new_study
from iae.study.service import Study, open_study
from iae.study.values import Rater

LEVELS = ("excellent", "good", "fair", "bad")
AHEAD = 8
"""Images a page asks for at once, and asks again with fewer than three."""


@dataclass
class Tally:
    """Votes of every image, and how many images have each number of them."""

    images: dict[str, int]
    by_votes: Counter[int] = field(default_factory=Counter)
    widest: int = 0

    def __post_init__(self) -> None:
        self.by_votes.update(self.images.values())

    def add(self, image: str) -> None:
        """Count a vote, and how far apart images are now."""
        votes = self.images[image]
        self.images[image] = votes + 1
        self.by_votes[votes] -= 1
        self.by_votes[votes + 1] += 1
        if not self.by_votes[votes]:
            del self.by_votes[votes]
        self.widest = max(self.widest, max(self.by_votes) - min(self.by_votes))


@dataclass
class Person:
    """A simulated rater."""

    rater: Rater
    leaves_after: float
    ahead: list[tuple[str, str]] = field(default_factory=list)
    """Assignment and image."""
    met: set[str] = field(default_factory=set)
    votes: int = 0


@dataclass
class Simulation:
    """The study, its raters and its clock."""

    study: Study
    connection: Connection
    people: list[Person]
    tally: Tally
    clock: list[float]
    asked: list[float] = field(default_factory=list)
    """Seconds of each request for images."""
    processor: list[float] = field(default_factory=list)
    """The same in time of the processor."""
    twice: int = 0

    def ask(self, person: Person) -> str:
        """Ask for images as the page does; the state."""
        wall, busy = time.perf_counter(), time.thread_time()
        batch = self.study.rating.next_images(self.connection, person.rater, AHEAD)
        self.asked.append(time.perf_counter() - wall)
        self.processor.append(time.thread_time() - busy)
        person.ahead = [(one.id, one.image) for one in batch.assignments]
        return batch.state

    def vote(self, person: Person, key: int, level: str) -> None:
        """Rate the image that is on the screen."""
        assignment, image = person.ahead.pop(0)
        self.study.rating.vote(
            self.connection, person.rater, assignment, f"key-{key:08}", {"quality": level}, 2.0
        )
        self.twice += image in person.met
        person.met.add(image)
        person.votes += 1
        self.tally.add(image)

    def run(self, rng: random.Random) -> None:
        """Until nobody gets an image any more; who acts next, the clock says."""
        begun = self.clock[0]
        due = [(begun + rng.uniform(0, 600), number) for number in range(len(self.people))]
        heapq.heapify(due)
        key = 0
        while due:
            self.clock[0], number = heapq.heappop(due)
            person = self.people[number]
            if person.votes >= person.leaves_after:
                continue
            if len(person.ahead) < 3 and self.ask(person) == "done":
                continue
            if not person.ahead:  # those left are with others
                heapq.heappush(due, (self.clock[0] + 20, number))
                continue
            self.vote(person, key, rng.choice(LEVELS))
            key += 1
            heapq.heappush(due, (self.clock[0] + rng.expovariate(1 / 5), number))


def main() -> None:
    """Simulate, and print what was counted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--images", type=int, default=22_086)
    parser.add_argument("--raters", type=int, default=200)
    parser.add_argument("--leaving", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iae-study-") as name:
        folder = Path(name)
        names = [f"{number:06}.jpg" for number in range(given.images)]
        text = 'title = "full size"\nphotos = "photos"\nconsent_version = ""\n'
        settings = new_study(folder / "study", text, folder / "photos", names)
        clock = [time.time()]
        with open_study(folder / "study", clock=lambda: clock[0]) as study:
            share = given.images * settings.raters_per_image / given.raters
            people = [
                Person(study.rater(study.invite()[1]),
                       share / 2 if number < given.leaving else float("inf"))
                for number in range(given.raters)
            ]  # fmt: skip
            with study.storage.writing() as connection:
                images = dict.fromkeys(study._paths, 0)
                run = Simulation(study, connection, people, Tally(images), clock)
                start = time.perf_counter()
                run.run(random.Random(given.seed))
                report(run, time.perf_counter() - start)


def report(run: Simulation, spent: float) -> None:
    """Print the figures."""
    votes = sum(run.tally.images.values())
    print(f"{len(run.tally.images):,} images, {len(run.people)} raters, {votes:,} votes in "
          f"{spent:.0f} s, of which {sum(run.asked):.0f} s handing out")  # fmt: skip
    print(f"images by votes at the end: {dict(run.tally.by_votes)}")
    print(f"widest difference of the votes of two images at any moment: {run.tally.widest}")
    print(f"images given to somebody twice: {run.twice}")
    for what, seconds in (("wall clock", run.asked), ("processor", run.processor)):
        cuts = statistics.quantiles(seconds, n=1000)
        print(f"asking for {AHEAD} images, {what}: {len(seconds):,} times, "
              f"p50 {1000 * cuts[499]:.2f} ms, p99 {1000 * cuts[989]:.2f} ms, "
              f"p99.9 {1000 * cuts[998]:.2f} ms, worst {1000 * max(seconds):.2f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
