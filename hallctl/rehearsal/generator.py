"""A day that nobody has seen: residents drawn from one seed, to a load of the hall's capacity."""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Literal

from hallctl.core.rules import Queue, Rules, Span
from hallctl.rehearsal.residents import Resident

Service = Literal["lognormal", "exponential"]

TOWN = ((0.0, 0.7), (0.3, 1.6), (0.6, 1.0), (1.0, 0.5))
"""How arrivals lie over one span of `taking`: (part of the span, weight), straight in between.

Most come early in each half of the day; this shape is an estimate of the project.
"""
STUCK = 0.3
"""Windows for what went wrong (办不成事) have so much of the others' load: one hopes for less."""
FLAT = ((0.0, 1.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Demand:
    """What kind of day it is.

    `load` is the expected work over what all windows can do in the day's sessions; 0.8 is an
    ordinary day, above 1 not everybody can be served. `shares` are weights of queues; without
    them every group of windows has the same load (but see STUCK), its queues by how many items
    they have.
    `priority` and `no_shows` are shares of residents; `spread` is the standard deviation of a
    lognormal service over its mean.
    """

    load: float = 0.8
    priority: float = 0.15
    no_shows: float = 0.04
    service: Service = "lognormal"
    spread: float = 0.6
    walk_s: tuple[float, float] = (8.0, 35.0)
    turnaround_s: float = 12.0
    profile: tuple[tuple[float, float], ...] = TOWN
    shares: dict[str, float] = field(default_factory=dict)


def generate(rules: Rules, demand: Demand, seed: str) -> tuple[Resident, ...]:
    """The residents of one day, in the order they come. The same seed gives the same people."""
    random = Random(seed)  # noqa: S311 - a simulation, not a secret
    expected = visits_expected(rules, demand)
    total = sum(expected.values())
    items = {q: [i.code for i in rules.items if i.queue == q] for q in expected}
    found = []
    for at_s in _arrivals(random, rules.taking, total, demand.profile):
        queue = random.choices(list(expected), list(expected.values()))[0]
        mine = items[queue]
        found.append(
            Resident(
                arrives_s=at_s,
                queue=queue,
                item=random.choice(mine) if mine else "",
                klass="priority" if random.random() < demand.priority else "ordinary",
                service_s=_service_s(random, demand, _standard_s(rules, queue)),
                walk_s=random.uniform(*demand.walk_s),
                comes=random.random() >= demand.no_shows,
            )
        )
    return tuple(found)


def visits_expected(rules: Rules, demand: Demand) -> dict[str, float]:
    """How many residents of each queue a day brings on average."""
    groups = [rules.queues] if demand.shares else _groups(rules)
    open_s = sum(s.end_s - s.start_s for s in rules.sessions)
    found: dict[str, float] = {}
    for group in groups:
        windows = {w for q in group for w in q.windows}
        weights = {
            q.id: demand.shares.get(q.id, 0.0) if demand.shares else _weight(rules, q.id)
            for q in group
        }
        work_s = sum(w * _occupied_s(rules, demand, q) for q, w in weights.items())
        if not work_s:
            continue
        few = STUCK if len(groups) > 1 and [q.id for q in group] == [rules.stuck_queue] else 1.0
        each = few * demand.load * len(windows) * open_s / work_s
        found |= {q: each * w for q, w in weights.items() if w}
    return found


def _weight(rules: Rules, queue: str) -> float:
    return 1.0 + sum(1 for i in rules.items if i.queue == queue)


def _standard_s(rules: Rules, queue: str) -> float:
    found = rules.queue(queue)
    assert found is not None
    return found.standard_min * 60.0


def _occupied_s(rules: Rules, demand: Demand, queue: str) -> float:
    """How long one resident of the queue keeps a window busy, on average."""
    served_s = _standard_s(rules, queue) + sum(demand.walk_s) / 2
    missed_s = (rules.no_show_after - 1) * (rules.recall_gap_s + 1)
    return (1 - demand.no_shows) * served_s + demand.no_shows * missed_s + demand.turnaround_s


def _groups(rules: Rules) -> list[tuple[Queue, ...]]:
    """Queues that share windows, together: people of one group can take another's window."""
    groups: list[tuple[set[int], list[Queue]]] = []
    for queue in rules.queues:
        windows, members = set(queue.windows), [queue]
        apart = []
        for other in groups:
            if other[0] & windows:
                windows |= other[0]
                members = other[1] + members
            else:
                apart.append(other)
        groups = [*apart, (windows, members)]
    return [tuple(members) for windows, members in groups if windows]


def _arrivals(
    random: Random, taking: tuple[Span, ...], total: float, profile: tuple[tuple[float, float], ...]
) -> list[float]:
    """Poisson arrivals whose rate follows the profile over each span: thinned from its peak."""
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(profile))
    peak = max(weight for _, weight in profile)
    long_s = sum(s.end_s - s.start_s for s in taking)
    found = []
    for span in taking:
        at_s = float(span.start_s)
        while True:
            at_s += random.expovariate(total * peak / area / long_s)
            if at_s >= span.end_s:
                break
            part = (at_s - span.start_s) / (span.end_s - span.start_s)
            if random.random() * peak < _height(profile, part):
                found.append(at_s)
    return found


def _height(profile: tuple[tuple[float, float], ...], part: float) -> float:
    for (x0, y0), (x1, y1) in pairwise(profile):
        if part <= x1:
            return y0 + (y1 - y0) * (part - x0) / (x1 - x0)
    return profile[-1][1]


def _service_s(random: Random, demand: Demand, mean_s: float) -> float:
    if demand.service == "exponential":
        return random.expovariate(1 / mean_s)
    sigma_square = math.log(1 + demand.spread**2)
    return random.lognormvariate(math.log(mean_s) - sigma_square / 2, math.sqrt(sigma_square))
