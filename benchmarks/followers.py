"""Those who follow: when the last of many has an event, and whether the ticks keep time."""

import json
import tempfile
import threading
import time
from pathlib import Path

from harness import Bench, Goal, Measures, Result, quantiles, scenario
from load import Served, both, checked, clients, hall, heard, slow_disk

MANY = (10, 50, 200)
COMMITS_A_S = 50


def last_of(served: Served, many: int, count: int) -> Measures:
    """Command → the last of so many followers has the event; all of them in one process."""
    waits = []
    with clients(served) as found:
        followers = [found.follower() for _ in range(many)]
        heard(found, followers)
        asker = found.asker()
        for _ in range(count):
            message = found.next()
            begun_s = time.perf_counter()
            asker.send(message)
            for follower in followers:
                follower.recv_multipart()
            waits.append(time.perf_counter() - begun_s)
            checked(asker.recv())
            time.sleep(0.01)
    return quantiles(waits, f"{many} followers")


@scenario("followers", "10, 50 and 200 followers, until the last has it")
def followers(bench: Bench) -> Result:
    """Screens, window terminals, programs."""
    count = bench.much(40, 10)
    goals = [
        Goal("hall", f"{many} followers {measure}", most=most, against="floor")
        for many in MANY
        for measure, most in (("p50 ms", 1.5), ("p99 ms", 2.0))
    ]
    notes = ["All followers are one process here, so it is their reading that takes the time."]

    def measure(one: Served) -> Measures:
        found: Measures = {}
        for many in MANY:
            found |= last_of(one, many, count)
        return found

    with both() as served:
        subjects = {name: (lambda one=one: measure(one)) for name, one in served.items()}
        rounds = bench.much(5, 2)
        return bench.side_by_side(
            subjects, against="floor", goals=goals, rounds=rounds, notes=notes
        )


def lateness(served: Served, seconds: int) -> Measures:
    """By how much more than a second two ticks are apart, with 50 commits a second beside them."""
    late, stop = [], threading.Event()

    def busy() -> None:
        with clients(served) as found:
            asker = found.asker()
            while not stop.wait(1 / COMMITS_A_S):
                asker.send(found.next())
                checked(asker.recv())

    with clients(served) as found:
        follower = found.follower(b"heartbeat")
        asking = threading.Thread(target=busy)
        asking.start()
        before_s = None
        for _ in range(seconds + 2):
            body = json.loads(follower.recv_multipart()[2])
            now_s = body["now"]["mono_s"]
            if before_s is not None:
                late.append(max(0.0, now_s - before_s - 1.0))
            before_s = now_s
        stop.set()
        asking.join()
    return quantiles(late, "late by")


@scenario("ticks", "The ticks, with 50 commits a second")
def ticks(bench: Bench) -> Result:
    """Each second the loop looks at what is overdue."""
    seconds = bench.much(20, 5)
    goals = [Goal(one, "late by p99 ms", most=5.0) for one in ("this disk", "20 ms slower")]
    with (
        tempfile.TemporaryDirectory() as name,
        hall() as quick,
        hall(via=slow_disk(20, Path(name))) as slow,
    ):
        subjects = {
            "this disk": lambda: lateness(quick, seconds),
            "20 ms slower": lambda: lateness(slow, seconds),
        }
        return bench.side_by_side(subjects, goals=goals, rounds=bench.much(2, 1), warm=False)
