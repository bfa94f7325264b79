"""How often one may ask."""

from iae.web.limits import Buckets, Limit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_served_and_then_what_time_refills():
    clock = Clock()
    buckets = Buckets(Limit(per_second=0.5, burst=3), clock=clock)
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    clock.now += 2
    assert [buckets.wait("a"), buckets.wait("a")] == [0, 2]


def test_a_refused_request_takes_nothing_from_the_bucket():
    clock = Clock()
    buckets = Buckets(Limit(per_second=1, burst=1), clock=clock)
    for _ in range(50):
        buckets.wait("a")
    clock.now += 1
    assert buckets.wait("a") == 0


def test_one_who_asks_too_often_takes_nothing_from_the_others():
    buckets = Buckets(Limit(per_second=1, burst=1), clock=Clock())
    assert [buckets.wait("a"), buckets.wait("a"), buckets.wait("b")] == [0, 1, 0]


def test_only_so_many_names_are_remembered_those_used_last():
    buckets = Buckets(Limit(per_second=1e-6, burst=1), most=2, clock=Clock())
    for name in "abc":
        assert buckets.wait(name) == 0
    assert buckets.wait("c") > 0
    assert buckets.wait("a") == 0  # forgotten, which only fills its bucket
