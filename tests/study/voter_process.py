"""Somebody who votes without end: raters of one study in one process, until it is killed or done.

Started as a program by the tests: ``voter_process.py FOLDER SEED VOTES TOKEN …``. Each
acknowledged vote is printed as ``rater key level`` after it was acknowledged, and not before.
"""

import random
import sys
import threading
from pathlib import Path

from iae.study.errors import StorageError
from iae.study.service import Study, open_study

_PRINTING = threading.Lock()


def vote_on(study: Study, token: str, seed: str, votes: int) -> None:
    """Vote with duplicates and retries at random, and change or take back a vote now and then."""
    draw = random.Random(seed)
    rater = study.rater(token)
    for number in range(votes):
        batch = study.next_images(rater)
        if not batch.assignments:
            return
        now = draw.choice(batch.assignments)
        level = draw.choice(["excellent", "good", "fair", "bad"])
        key = f"{rater.id}-{seed}-{number:05d}"
        for _ in range(draw.choice([1, 1, 1, 2, 3])):  # the answer was lost: sent again
            try:
                study.vote(rater, now.id, key, {"quality": level}, draw.random())
            except StorageError:
                continue
            with _PRINTING:
                sys.stdout.write(f"{rater.id} {key} {level}\n")
                sys.stdout.flush()


def main() -> None:
    """Run the raters side by side."""
    folder, seed, votes, *tokens = sys.argv[1:]
    with open_study(Path(folder)) as study:
        threads = [
            threading.Thread(target=vote_on, args=(study, token, f"{seed}-{i}", int(votes)))
            for i, token in enumerate(tokens)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
