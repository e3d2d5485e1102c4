"""Who asks too fast waits; whoever it is, the table of askers stays small."""

import pytest

from hallctl.http.limits import MOST, Buckets, asker_of


class Clock:
    def __init__(self):
        self.s = 100.0

    def __call__(self):
        return self.s


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_is_free_and_then_time_must_pass(clock):
    buckets = Buckets(2.0, 3, clock)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.s += 0.25
    assert buckets.wait_s("a") == pytest.approx(0.25)
    clock.s += 0.25
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == 0.5
    clock.s += 3600
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_one_asker_does_not_slow_another(clock):
    buckets = Buckets(1.0, 1, clock)
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0


def test_looking_takes_nothing(clock):
    buckets = Buckets(1.0, 1, clock)
    assert [buckets.wait_s("a") for _ in range(5)] == [0.0] * 5
    assert buckets.take("a") == 0.0


def test_a_million_askers_take_little_memory(clock):
    buckets = Buckets(1.0, 1, clock)
    for n in range(MOST + 1000):
        buckets.take(str(n))
    assert len(buckets._left) == MOST


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("", ""),
    ],
)
def test_a_household_in_ipv6_is_one_asker(address, key):
    assert asker_of(address) == key
