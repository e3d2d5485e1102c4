"""Measuring side by side: subjects take turns in one run, so that a noisy machine is noisy for all.

A scenario is a function that is given a `Bench` and returns a `Result`:

    @scenario("answers", "Command → answer")
    def answers(bench: Bench) -> Result:
        subjects = {"floor": ask_floor, "hall": ask_hall}     # each: () → {"p50 ms": 0.4, …}
        goals = [Goal("hall", "p50 ms", most=1.5, against="floor")]
        return bench.side_by_side(subjects, against="floor", goals=goals, notes=["…"])

Each subject is called once to warm up and once in every round; what it returns are the measures
of that round, by names that end in their unit. `benchmarks/bench.py` runs scenarios by name;
`benchmarks/tables.py` writes what they found into docs/.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Measures = dict[str, float]
Subject = Callable[[], Measures]


@dataclass(frozen=True)
class Goal:
    """What a measure is held to: at most, or at least, so much; or so many times `against`'s."""

    subject: str
    measure: str
    most: float | None = None
    least: float | None = None
    against: str = ""

    def held(self, value: float) -> bool:
        """Whether that is good enough."""
        return (self.most is None or value <= self.most) and (
            self.least is None or value >= self.least
        )

    def words(self) -> str:
        """As the table says it."""
        limit = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        return f"{limit} ×" if self.against else limit


@dataclass(frozen=True)
class Row:
    """One measure of one subject over all rounds. `ratios` is round by round, to the baseline's."""

    subject: str
    measure: str
    values: Sequence[float]
    ratios: Sequence[float] = ()
    goal: Goal | None = None

    @property
    def reached(self) -> float | None:
        """What the goal is held against: the median, of the ratios where there is a baseline."""
        if self.goal is None:
            return None
        return statistics.median(self.ratios if self.goal.against else self.values)


@dataclass(frozen=True)
class Result:
    """What a scenario found."""

    rows: Sequence[Row]
    rounds: int
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Scenario:
    """One that can be run by its name."""

    name: str
    title: str
    measure: Callable[["Bench"], Result]


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, title: str
) -> Callable[[Callable[["Bench"], Result]], Callable[["Bench"], Result]]:
    """Make a function known under a name."""

    def known(measure: Callable[["Bench"], Result]) -> Callable[["Bench"], Result]:
        SCENARIOS[name] = Scenario(name, title, measure)
        return measure

    return known


def quantiles(seconds: Sequence[float], what: str = "") -> Measures:
    """p50 and p99 in milliseconds; `what` stands before them: "answer p50 ms"."""
    ordered = sorted(seconds)
    lead = f"{what} " if what else ""
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return {f"{lead}p50 ms": statistics.median(ordered) * 1e3, f"{lead}p99 ms": p99 * 1e3}


@dataclass
class Bench:
    """Runs rounds. `quick` is for a look: few rounds, and scenarios ask for less."""

    quick: bool = False
    name: str = ""
    _begun: float = field(default_factory=time.monotonic)

    def much(self, full: int, quick: int) -> int:
        """So many, or so few."""
        return quick if self.quick else full

    def say(self, words: str) -> None:
        """The progress, on one line of a terminal and on many of a log."""
        end = "\r" if sys.stderr.isatty() else "\n"
        passed_s = time.monotonic() - self._begun
        print(f"{passed_s:6.1f} s  {self.name}: {words:60}", end=end, file=sys.stderr, flush=True)

    def side_by_side(
        self,
        subjects: dict[str, Subject],
        *,
        against: str = "",
        goals: Sequence[Goal] = (),
        rounds: int = 0,
        warm: bool = True,
        notes: Sequence[str] = (),
    ) -> Result:
        """Let the subjects take turns, in turned order every other round.

        `against` names the subject that the others are divided by, round by round.
        """
        rounds = rounds or self.much(7, 2)
        if warm:
            for name, subject in subjects.items():
                self.say(f"warms up: {name}")
                subject()
        found: dict[str, list[Measures]] = {name: [] for name in subjects}
        for number in range(rounds):
            order = list(subjects) if number % 2 == 0 else list(reversed(subjects))
            for name in order:
                self.say(f"round {number + 1} of {rounds}: {name}")
                found[name].append(subjects[name]())
        return Result(_rows(found, against, goals), rounds, notes)


def _rows(found: dict[str, list[Measures]], against: str, goals: Sequence[Goal]) -> tuple[Row, ...]:
    rows = []
    known = {(goal.subject, goal.measure): goal for goal in goals}
    for subject, measured in found.items():
        for measure in measured[0]:
            values = [one[measure] for one in measured]
            goal = known.pop((subject, measure), None)
            base = goal.against if goal is not None and goal.against else against
            rows.append(Row(subject, measure, values, _ratios(found, subject, measure, base), goal))
    assert not known, f"goals for what was not measured: {sorted(known)}"
    return tuple(rows)


def _ratios(
    found: dict[str, list[Measures]], subject: str, measure: str, against: str
) -> list[float]:
    if not against or subject == against or measure not in found[against][0]:
        return []
    pairs = zip(found[subject], found[against], strict=True)
    return [mine[measure] / base[measure] for mine, base in pairs if base[measure]]
