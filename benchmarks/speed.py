"""How long a command takes and how many are taken, beside the floor: one, 64, 100 kiosks."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import zmq
from harness import Bench, Goal, Measures, Result, quantiles, scenario
from load import Clients, Served, both, checked, clients, cpu_s, floor, hall, heard, slow_disk

KIOSKS = 100
IN_FLIGHT = 64
LEAST, WARM = 3, 100


def one_by_one(served: Served, count: int, pause_s: float) -> Measures:
    """Command → subscriber and command → answer; the next is sent when both are there."""
    told, answered = [], []
    with clients(served) as found:
        follower, asker = found.follower(), found.asker()
        heard(found, [follower])
        due_s = time.perf_counter()
        for _ in range(count):
            message = found.next()
            due_s = max(due_s + pause_s, time.perf_counter())
            time.sleep(max(0.0, due_s - time.perf_counter()))
            begun_s = time.perf_counter()
            asker.send(message)
            follower.recv_multipart()
            told.append(time.perf_counter() - begun_s)
            answer = asker.recv()
            answered.append(time.perf_counter() - begun_s)
            checked(answer)
    return {**quantiles(told, "subscriber"), **quantiles(answered, "answer")}


def beside_floor(
    bench: Bench, measure: Callable[[Served], Measures], goals: list[Goal], **words: list[str]
) -> Result:
    """The same done to floor and hall, in turn."""
    with both() as served:
        subjects = {name: (lambda one=one: measure(one)) for name, one in served.items()}
        return bench.side_by_side(subjects, against="floor", goals=goals, **words)


def freshly(
    bench: Bench,
    measure: Callable[[Served], Measures],
    goals: list[Goal],
    via: tuple[str, ...] = (),
) -> Result:
    """The same, each round in a hall that has just been opened: no hall has 50,000 who wait."""

    def in_floor() -> Measures:
        with floor(via) as served:
            return measure(served)

    def in_hall() -> Measures:
        with hall(via=via) as served:
            return measure(served)

    subjects = {"floor": in_floor, "hall": in_hall}
    return bench.side_by_side(subjects, against="floor", goals=goals, warm=False)


def latency_goals() -> list[Goal]:
    """p50 at most 1.5 times the floor's, p99 at most twice."""
    limits = {"p50 ms": 1.5, "p99 ms": 2.0}
    return [
        Goal("hall", f"{what} {measure}", most=most, against="floor")
        for what in ("subscriber", "answer")
        for measure, most in limits.items()
    ]


@scenario("close", "A command at a time, back to back")
def close(bench: Bench) -> Result:
    """The next command as soon as the last is answered."""
    count = bench.much(600, 150)
    return beside_floor(bench, lambda one: one_by_one(one, count, 0), latency_goals())


@scenario("paced", "A command at a time, 50 a second")
def paced(bench: Bench) -> Result:
    """As residents and clerks come: the processor sleeps in between."""
    count = bench.much(200, 50)
    return beside_floor(bench, lambda one: one_by_one(one, count, 0.02), latency_goals())


def warm(found: Clients, asker: zmq.Socket[bytes]) -> None:
    """The first commands of a process are slow: what it needs is imported and made then."""
    for _ in range(WARM):
        asker.send(found.next())
        asker.recv()


def in_flight(served: Served, count: int) -> Measures:
    """Commands a second with 64 of them always open."""
    with clients(served) as found:
        asker = found.asker()
        warm(found, asker)
        begun_s, used_s = time.perf_counter(), cpu_s(served.pid)
        for sent in range(count + IN_FLIGHT):
            if sent < count:
                asker.send(found.next())
            if sent >= IN_FLIGHT:
                answer = asker.recv()
        lasted_s = time.perf_counter() - begun_s
        checked(answer)
        used_s = cpu_s(served.pid) - used_s
    return {"commands/s": count / lasted_s, "CPU µs a command": used_s / count * 1e6}


@scenario("window", "64 commands in flight")
def window(bench: Bench) -> Result:
    """One program that does not wait."""
    goals = [Goal("hall", "commands/s", least=0.5, against="floor")]
    count = bench.much(4000, 1000)
    return freshly(bench, lambda one: in_flight(one, count), goals)


def crowd(served: Served, seconds: float) -> Measures:
    """100 kiosks, each asks again as soon as it is answered."""
    with clients(served) as found:
        askers = [found.asker() for _ in range(KIOSKS)]
        warm(found, askers[0])
        used_s = cpu_s(served.pid)
        waits, lasted_s = _crowd(found, askers, seconds)
        used_s = cpu_s(served.pid) - used_s
    middles = [statistics.median(each) for each in waits]
    every = [wait for each in waits for wait in each]
    middle = statistics.median(every)
    return {
        "commands/s": len(every) / lasted_s,
        **quantiles(every),
        "CPU µs a command": used_s / len(every) * 1e6,
        "slowest kiosk ÷ median": max(middles) / middle,
        "median ÷ quickest kiosk": middle / min(middles),
    }


def _crowd(
    found: Clients, askers: list[zmq.Socket[bytes]], seconds: float
) -> tuple[list[list[float]], float]:
    """Each kiosk's waits, and how long it went on: until each was answered three times."""
    poller, at = zmq.Poller(), {}
    sent = [0.0] * len(askers)
    waits: list[list[float]] = [[] for _ in askers]
    for number, asker in enumerate(askers):
        poller.register(asker, zmq.POLLIN)
        at[asker] = number
        asker.send(found.next(f"kiosk-{number}"))
        sent[number] = time.perf_counter()
    begun_s = now_s = time.perf_counter()
    while now_s < begun_s + seconds or min(map(len, waits)) < LEAST:
        for asker, _ in poller.poll(1000):
            number = at[asker]
            answer = asker.recv()
            now_s = time.perf_counter()
            waits[number].append(now_s - sent[number])
            asker.send(found.next(f"kiosk-{number}"))
            sent[number] = now_s
    checked(answer)
    for asker in askers:
        asker.recv()
    return waits, now_s - begun_s


def crowd_goals(least: float) -> list[Goal]:
    """So many commands a second, and each kiosk's median within twice of all kiosks'."""
    shares = ("slowest kiosk ÷ median", "median ÷ quickest kiosk")
    return [
        Goal("hall", "commands/s", least=least),
        *(Goal("hall", share, most=2.0) for share in shares),
    ]


@scenario("kiosks", "100 kiosks at once, a ticket each time")
def kiosks(bench: Bench) -> Result:
    """More than a hall ever has."""
    seconds = bench.much(20, 10) / 10
    return freshly(bench, lambda one: crowd(one, seconds), crowd_goals(5000))


@scenario("slow", "100 kiosks, 20 ms added to each fdatasync")
def slow(bench: Bench) -> Result:
    """A worn memory card."""
    seconds = bench.much(20, 10) / 10
    with tempfile.TemporaryDirectory() as name:
        via = slow_disk(20, Path(name))
        return freshly(bench, lambda one: crowd(one, seconds), crowd_goals(1000), via)
