"""Work of many requests shares a commit, and each is told what became of its own."""

import asyncio
import threading

import pytest
from full_disk import full_disk
from sqlalchemy import text

from iae.study.clerk import Clerk
from iae.study.errors import StorageError

GOOD = {"quality": "good"}


def mark(number):
    """Work that writes, and fails for odd numbers after it has written."""

    def work(connection):
        connection.execute(text(f"UPDATE image SET votes = 1 WHERE id = {number}"))
        if number % 2:
            raise ValueError(number)
        return number

    return work


def marked(storage):
    with storage.reading() as connection:
        stored = connection.execute(text("SELECT id FROM image WHERE votes = 1 ORDER BY id"))
        return stored.scalars().all()


@pytest.fixture
def commits(monkeypatch):
    """How durable each transaction was, in order."""
    from iae.study.storage import Storage

    found, writing = [], Storage.writing

    def noted(self, *, durable=True):
        found.append(durable)
        return writing(self, durable=durable)

    monkeypatch.setattr(Storage, "writing", noted)
    return found


def test_work_that_fails_is_undone_alone_among_what_is_committed_together(
    make_study, database, commits
):
    storage = make_study(8, f'database = "{database}"').storage
    commits.clear()
    clerk = Clerk(storage)

    async def run():
        asked = [clerk.ask(mark(number), durable=True) for number in range(1, 9)]
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(run())
    assert [str(one) for one in outcomes] == [str(n) for n in range(1, 9)]
    assert [isinstance(one, ValueError) for one in outcomes] == [n % 2 == 1 for n in range(1, 9)]
    assert marked(storage) == [2, 4, 6, 8]
    assert commits == [True]


def test_one_durable_piece_of_work_makes_all_that_share_its_commit_durable(make_study, commits):
    clerk = Clerk(make_study(4).storage)
    commits.clear()

    async def run():
        await clerk.ask(mark(2), durable=False)
        await asyncio.gather(clerk.ask(mark(2), durable=False), clerk.ask(mark(4), durable=True))

    asyncio.run(run())
    assert commits == [False, True]


def test_what_is_asked_while_a_commit_waits_for_the_disk_shares_the_next_one(
    make_study, commits, monkeypatch
):
    storage = make_study(8).storage
    clerk = Clerk(storage)
    commits.clear()
    begun, go_on = threading.Event(), threading.Event()
    to_thread = asyncio.to_thread

    def slow(commit):
        begun.set()
        go_on.wait()
        commit()

    async def run():
        monkeypatch.setattr(asyncio, "to_thread", lambda commit: to_thread(slow, commit))
        first = asyncio.ensure_future(clerk.ask(mark(2), durable=True))
        await to_thread(begun.wait)
        others = [asyncio.ensure_future(clerk.ask(mark(n), durable=True)) for n in (4, 6, 8)]
        await asyncio.sleep(0.01)
        assert not first.done()  # nothing is acknowledged before its commit
        go_on.set()
        await asyncio.gather(first, *others)

    asyncio.run(run())
    assert marked(storage) == [2, 4, 6, 8]
    assert commits == [True, True]


def test_a_full_disk_acknowledges_nothing_of_the_commit_and_the_next_one_is_as_usual(make_study):
    study = make_study()
    rater, _ = study.invite()
    first, second, _ = study.next_images(rater).assignments
    clerk = Clerk(study.storage)

    def vote(assignment, key):
        return clerk.ask(
            lambda c: study.rating.vote(c, rater, assignment.id, key, GOOD), durable=True
        )

    async def both():
        asked = vote(first, "key-0001"), vote(second, "key-0002")
        return await asyncio.gather(*asked, return_exceptions=True)

    with full_disk():
        refused = asyncio.run(both())
    assert [type(one) for one in refused] == [StorageError, StorageError]
    assert study.progress(rater).rated == 0
    assert [one.repeated for one in asyncio.run(both())] == [False, False]
    assert study.progress(rater).rated == 2


def test_a_request_given_up_before_its_turn_writes_nothing(make_study):
    storage = make_study(4).storage
    clerk = Clerk(storage)

    async def run():
        given_up = asyncio.ensure_future(clerk.ask(mark(2), durable=True))
        await asyncio.sleep(0)
        given_up.cancel()
        await clerk.ask(mark(4), durable=True)

    asyncio.run(run())
    assert marked(storage) == [4]
