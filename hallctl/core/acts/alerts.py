"""Alerts: what a supervisor should look at, raised once, ended when the cause is gone."""

from dataclasses import dataclass
from typing import Literal

from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core.acts import announcing
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import Events
from hallctl.core.rules import Rules
from hallctl.core.view import tickets_left
from hallctl.texts import say

Level = Literal["yellow", "red"]
MINUTE_S = 60
PAPER_YELLOW, PAPER_RED = 30, 10
"""Tickets left on a roll."""
VOICE_YELLOW_S, VOICE_RED_S = 30.0, 120.0
"""How long something has waited to be said by a voice that is not heard."""
ROOM_YELLOW_BYTES = 200 << 20
"""Free on the disk; the self-test says the same."""
ROOM_WELL_BYTES = ROOM_YELLOW_BYTES * 11 // 10
"""So much must be free before a low disk is well again, or it would be told all day."""
VISIT_BYTES = 8 << 10
"""One visit in the journal, all its events and answers: 6.0 KB measured, rounded up."""
MIB = 1 << 20
ROOM, DAMAGE = "disk", "journal"
"""Alerts of what is noted; time alone neither raises nor ends them."""
FEW = 3
"""With fewer people waiting nobody opens another window."""


@dataclass(frozen=True, slots=True)
class _Cause:
    kind: str
    subject: str
    level: Level
    words: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


def alerts(hall: Hall, now: Moment, opening: e.Opening) -> Events:
    """The alerts that begin, worsen or end at this moment."""
    rules = hall.rules
    if rules is None:
        return []
    causes = _waits(hall, rules, now) + _pauses(hall, rules, now) + _visits(hall, rules, now)
    causes += _paper(hall, rules) + _voices(hall, now)
    if opening == "open":
        causes += _open_windows(hall, rules)
    found = {cause.key: cause for cause in causes}
    events: Events = []
    for key, cause in found.items():
        known = hall.alerts.get(key)
        if known is None or (known.level == "yellow" and cause.level == "red"):
            events.append(
                e.AlertRaised(
                    kind=cause.kind, subject=cause.subject, level=cause.level, words=cause.words
                )
            )
    events += [
        e.AlertEnded(kind=alert.kind, subject=alert.subject)
        for key, alert in hall.alerts.items()
        if key not in found and alert.kind not in (ROOM, DAMAGE)
    ]
    return events


def room(hall: Hall, noted: c.NoteRoom) -> Events:
    """The disk fills up: low is yellow, red when the reserve is begun. The hall goes on.

    Both levels are told, so that a reserve that is whole again is seen.
    """
    known = hall.alerts.get(f"{ROOM}:{noted.folder}")
    left_bytes = noted.free_bytes + noted.reserve_bytes
    level: Level
    if noted.reserve_bytes < noted.whole_bytes:
        level = "red"
    elif noted.free_bytes < (ROOM_WELL_BYTES if known else ROOM_YELLOW_BYTES):
        level = "yellow"
    else:
        return [e.AlertEnded(kind=ROOM, subject=noted.folder)] if known else []
    if known is not None and known.level == level:
        return []
    words = say(
        "zh", f"alert.disk_{level}", folder=noted.folder,
        mb=left_bytes // MIB, n=left_bytes // VISIT_BYTES,
    )  # fmt: skip
    return [e.AlertRaised(kind=ROOM, subject=noted.folder, level=level, words=words)]


def damaged(hall: Hall, noted: c.NoteDamage) -> Events:
    """The journal is damaged. The hall in memory is sound; a restart would stop at the damage."""
    if f"{DAMAGE}:{noted.path}" in hall.alerts:
        return []
    words = say("zh", "alert.journal", path=noted.path)
    return [e.AlertRaised(kind=DAMAGE, subject=noted.path, level="red", words=words)]


def undamaged(hall: Hall) -> Events:
    """A start has read the day, and all of it is what was written."""
    return [
        e.AlertEnded(kind=alert.kind, subject=alert.subject)
        for alert in hall.alerts.values()
        if alert.kind == DAMAGE
    ]


def _level(value: float, yellow: float, red: float) -> Level | None:
    if value >= red:
        return "red"
    return "yellow" if value >= yellow else None


def _waits(hall: Hall, rules: Rules, now: Moment) -> list[_Cause]:
    causes = []
    early_s = now.wall_s - min(rules.wait_yellow_s, rules.wait_red_s) + 1  # for what is rounded
    for name in hall.lines.taken_until(early_s):
        visit = hall.visits[name]
        waited_s = now.wall_s - visit.issued_s
        level = _level(waited_s, rules.wait_yellow_s, rules.wait_red_s)
        if level:
            words = say("zh", "alert.wait", label=visit.label, minutes=int(waited_s / MINUTE_S))
            causes.append(_Cause("wait", visit.id, level, words))
    return causes


def _pauses(hall: Hall, rules: Rules, now: Moment) -> list[_Cause]:
    causes = []
    for window in hall.windows.values():
        if window.status != "paused":
            continue
        paused_s = now.wall_s - window.since_s
        level = _level(paused_s, rules.pause_yellow_s, rules.pause_red_s)
        if level:
            minutes = int(paused_s / MINUTE_S)
            words = say("zh", "alert.pause", window=window.number, minutes=minutes)
            causes.append(_Cause("pause", str(window.number), level, words))
    return causes


def _visits(hall: Hall, rules: Rules, now: Moment) -> list[_Cause]:
    causes = []
    for window in hall.windows.values():
        visit = hall.at_window(window.number)
        queue = rules.queue(visit.queue) if visit else None
        if visit is None or queue is None or visit.status != "serving":
            continue
        usual_s = discipline.mean_s(hall, queue, visit.item)
        lasted_s = now.wall_s - visit.started_s
        if lasted_s >= rules.visit_over_factor * usual_s:
            words = say(
                "zh", "alert.visit", label=visit.label, window=window.number,
                minutes=int(lasted_s / MINUTE_S), usual=max(1, int(usual_s / MINUTE_S)),
            )  # fmt: skip
            causes.append(_Cause("visit", visit.id, "yellow", words))
    return causes


def _paper(hall: Hall, rules: Rules) -> list[_Cause]:
    """A roll comes to its end; where nobody told of a new roll, the printer alone says so."""
    causes = []
    for fitting in rules.fittings:
        left = tickets_left(hall, fitting.device)
        level = None if left is None else _level(-left, -PAPER_YELLOW, -PAPER_RED)
        if level:
            words = say("zh", "alert.paper", printer=fitting.device, n=left)
            causes.append(_Cause("paper", fitting.device, level, words))
    return causes


def _voices(hall: Hall, now: Moment) -> list[_Cause]:
    """Nobody hears the calls. A voice that works and has much to say is none of this."""
    causes = []
    for voice in hall.voices.values():
        unheard = announcing.all_of(voice)
        if not unheard or announcing.works(hall, voice, now):
            continue
        waited_s = now.wall_s - max(voice.made_s, min(a.queued_s for a in unheard))
        level = _level(waited_s, VOICE_YELLOW_S, VOICE_RED_S)
        if level:
            words = say("zh", "alert.voice", device=voice.device, n=len(unheard))
            causes.append(_Cause("voice", voice.device, level, words))
    return causes


def _open_windows(hall: Hall, rules: Rules) -> list[_Cause]:
    """Whoever comes now would wait too long, and a window stands idle that could help."""
    causes = []
    for queue in rules.queues:
        waiting = hall.lines.count(queue.id)
        serving = discipline.serving_windows(hall, queue.id)
        could = [hall.windows[n] for n in queue.windows if n in hall.windows]
        spare = [w for w in could if w.status in ("paused", "off")]
        expected_s = discipline.work_s(hall, queue) / max(1, len(serving))
        if waiting >= FEW and spare and expected_s >= rules.wait_red_s:
            words = say(
                "zh", "alert.open_window", queue=queue.name, n=waiting,
                minutes=int(expected_s / MINUTE_S),
            )  # fmt: skip
            causes.append(_Cause("open_window", queue.id, "yellow", words))
    return causes
