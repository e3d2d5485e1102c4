"""The clerk's main page, written from the mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hallctl.core.hall import Undoable
from hallctl.core.moment import Moment
from hallctl.core.view import line_at, queue_rows
from hallctl.core.visit import Visit
from screens.clerk import choosing, words
from screens.clerk.casecard import case
from screens.clerk.pages import Button, Leave, Next, Page, Plain, WindowPage
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.clerk.model import Clerk

LINE_MOST = 4
LONG_MIN = 100


def show(m: Clerk, sight: Sight) -> Page:
    """The page for this moment."""
    hall = sight.hall
    if hall.rules is None or sight.now is None:
        text = m.say("clerk.connecting")
        return Plain(words.top(m, sight), "offline", text, m.say("clerk.connecting_sub"))
    if hall.evacuation_s:
        return leave(m, sight)
    if sight.stale_since_s is not None:
        return main(m, sight, sight.now)
    if m.place in ("main", "sign", "cover") and _must_sign(m, sight):
        m.place = "cover" if m.place == "cover" else "sign"
    elif (m.place in ("sign", "cover") and m.state(sight).staff) or (
        m.visit(sight) is None and _of_visit(m)
    ):
        m.go("main")
    return choosing.page(m, sight) or main(m, sight, sight.now)


def _of_visit(m: Clerk) -> bool:
    """Whether the page is about who is at the window: without them it has no sense."""
    return m.place == "transfer" or (m.place in ("category", "items") and m.use != "walk")


def _must_sign(m: Clerk, sight: Sight) -> bool:
    rules = sight.hall.rules
    return bool(rules and rules.sign_on) and m.state(sight).status == "off"


def leave(m: Clerk, sight: Sight) -> Leave:
    """Everybody must leave; the clerk says when nobody is left around the window."""
    cleared_s = sight.hall.cleared.get(m.window, 0.0)
    if cleared_s:
        words_ = m.say("clerk.cleared", time=words.time_of(sight.hall, cleared_s))
        button = Button("", "tickcircle", words_, tone="ok")
    else:
        target = "" if m.deaf(sight) else "clear"
        sub = words.stale(m.language, sight)
        button = Button(target, "tick", m.say("clerk.clear"), sub, busy=m.busy("clear"))
    title, sub, more = (m.say(f"leave.{key}") for key in ("title", "sub", "more"))
    return Leave(title, sub, more, (button,), toast=m.said)


def main(m: Clerk, sight: Sight, now: Moment) -> WindowPage:
    """Primary, eight beside it, the line, help."""
    shut = sight.stale_since_s is not None
    buttons = tuple(_dead_slots(m) if shut else _slots(m, sight, now))
    main_button, help_button = primary(m, sight), _help(m, sight)
    if shut:
        sub = words.stale(m.language, sight)
        main_button = Button("", "offline", m.say("clerk.no_press"), sub)
        help_button = Button("", "hand", m.say("clerk.help"))
    waiting, sub = _waiting(m, sight, now)
    return WindowPage(
        top=words.top(m, sight),
        case=case(m, sight, now),
        primary=main_button,
        buttons=buttons,
        waiting=waiting,
        waiting_sub=sub,
        line=() if shut else tuple(_line(m, sight, now)),
        help=help_button,
        toast=m.said,
        typed=m.say("clerk.typed", digits=m.typed) if m.typed else "",
    )


def _dead_slots(m: Clerk) -> list[Button]:
    """Without the hall nobody knows the window's state: plain words, no numbers."""
    slots = (
        ("ticket", "special"), ("person", "walk"), ("clock", "hold"), ("swap", "transfer"),
        ("printer", "notice"), ("pause", "pause"), ("undo", "undo"), ("dots", "more"),
    )  # fmt: skip
    return [Button("", icon, m.say(f"clerk.{key}")) for icon, key in slots]


def primary(m: Clerk, sight: Sight) -> Button:
    """The one main action of the window's state."""
    state, visit = m.state(sight), m.visit(sight)
    busy = m.busy("primary")
    if state.status == "called":
        return Button("start", "hand", m.say("clerk.start"), tone="primary", busy=busy)
    if state.status == "serving" and visit is not None:
        if visit.matters and sight.hall.rules is not None:
            item = sight.hall.rules.item(visit.matters[0])
            sub = item.name if item else visit.matters[0]
            return Button("finish", "tick", m.say("clerk.matter"), sub, "primary", busy)
        return Button("finish", "star", m.say("clerk.finish"), tone="primary", busy=busy)
    if state.status == "paused":
        return Button("resume", "sun", m.say("clerk.resume"), tone="primary", busy=busy)
    if state.status == "off":
        return Button("sign", "person", m.say("clerk.sign"), tone="primary", busy=m.busy("sign"))
    if not line_at(sight.hall, m.window):
        return Button("", "megaphone", m.say("clerk.next"), m.say("clerk.nobody"), busy=busy)
    return Button("next", "megaphone", m.say("clerk.next"), tone="primary", busy=busy)


def _slots(m: Clerk, sight: Sight, now: Moment) -> list[Button]:
    visit = m.visit(sight)
    if visit is None:
        first = _idle(m, sight)
    elif visit.status == "called":
        first = _called(m, sight, now, visit)
    else:
        first = [
            _button(m, "item:add", "form", "clerk.add", mark="add"),
            _button(m, "stuck", "question", "clerk.stuck"),
            _button(m, "hold", "clock", "clerk.hold"),
            _button(m, "transfer", "swap", "clerk.transfer"),
        ]
    return [
        *first,
        _notice(m, sight),
        _pause(m, sight),
        _undo(m, sight, now),
        _button(m, "more", "dots", "clerk.more"),
    ]


def _button(
    m: Clerk, target: str, icon: str, key: str, sub: str = "", mark: str = "", able: bool = True
) -> Button:
    busy = m.busy(mark or target)
    return Button(target if able else "", icon, m.say(key), sub, busy=busy)


def _idle(m: Clerk, sight: Sight) -> list[Button]:
    held = len(choosing.held(m, sight))
    rating = bool(m.state(sight).rating)
    return [
        _button(m, "special", "ticket", "clerk.special"),
        _button(m, "item:walk", "person", "clerk.walk", mark="walk"),
        Button(
            "held" if held else "",
            "clock",
            m.say("clerk.held", n=held) if held else m.say("clerk.held_none"),
            busy=m.busy("held"),
        ),
        _button(m, "stuck", "question", "clerk.stuck", able=rating),
    ]


def _called(m: Clerk, sight: Sight, now: Moment, visit: Visit) -> list[Button]:
    rules = sight.hall.rules
    assert rules is not None
    least, most = rules.no_show_after, rules.recall_max
    times = m.say("clerk.recall", n=visit.calls, of=least if visit.calls < least else most)
    gone_s = now.wall_s - visit.called_s
    left_s = int(rules.recall_gap_s - gone_s + 0.999) if gone_s >= 0 else 0
    over, early = visit.calls >= most, visit.calls < least
    sub = m.say("clerk.recall_wait", s=left_s) if left_s > 0 else ""
    sub = m.say("clerk.recall_over") if over else sub
    recall = Button(
        "" if over or left_s > 0 else "recall", "bell", times, sub, busy=m.busy("recall")
    )
    miss = Button(
        "" if early else "miss",
        "skip",
        m.say("clerk.miss"),
        m.say("clerk.miss_early", n=least) if early else "",
        "warn" if over else "",
        m.busy("miss"),
    )
    hold = _button(m, "hold", "clock", "clerk.hold")
    return [recall, miss, hold, _button(m, "transfer", "swap", "clerk.transfer")]


def _notice(m: Clerk, sight: Sight) -> Button:
    missing, item = m.missing(sight), m.item(sight)
    case_of, job = m.notice
    slip, tone = "", ""
    if job and case_of == m.case(sight):
        slip, tone = words.slip_state(m.language, sight.hall.jobs.get(job))
    if item is None or not item.materials:
        return Button("", "printer", m.say("clerk.notice"))
    if not words.print_place(sight.hall, f"window-{m.window}"):
        return Button("", "printer", m.say("clerk.notice"), m.say("clerk.no_printer"))
    sub = slip or m.say("clerk.notice_n", n=len(missing))
    sub = sub if missing else m.say("clerk.notice_full")
    target = "notice" if missing else ""
    warn = "warn" if tone in ("warn", "bad") else ""
    return Button(target, "printer", m.say("clerk.notice"), sub, warn, m.busy("notice"))  # type: ignore[arg-type]


def _pause(m: Clerk, sight: Sight) -> Button:
    status = m.state(sight).status
    if status == "serving":
        return Button("", "pause", m.say("clerk.pause"), m.say("clerk.pause_later"))
    if status in ("paused", "off"):
        return Button("", "pause", m.say("clerk.pause"))
    return Button("pause", "pause", m.say("clerk.pause"), tone="warn", busy=m.busy("pause"))


def undo_left_s(last: Undoable | None, undo_s: float, now: Moment) -> int:
    """Whole seconds for which the last press may still be taken back; 0 for no more."""
    gone_s = now.wall_s - last.at_s if last else -1.0
    return int(undo_s - gone_s + 0.999) if 0 <= gone_s <= undo_s else 0


def _undo(m: Clerk, sight: Sight, now: Moment) -> Button:
    rules, last = sight.hall.rules, m.state(sight).undoable
    left_s = undo_left_s(last, rules.undo_s if rules else 0.0, now)
    if last is None or not left_s:
        return Button("", "undo", m.say("clerk.undo"))
    text = m.say("clerk.undo_act", act=m.say(f"clerk.act.{last.act}"))
    return Button("undo", "undo", text, m.say("clerk.seconds", s=left_s), "warn", m.busy("undo"))


def _help(m: Clerk, sight: Sight) -> Button:
    asked_s = sight.hall.help.get(f"window-{m.window}")
    if asked_s is None:
        return Button("help", "hand", m.say("clerk.help"), tone="brand", busy=m.busy("help"))
    since = m.say("clerk.since", time=words.time_of(sight.hall, asked_s))
    return Button("", "hand", m.say("clerk.help_asked"), since)


def _waiting(m: Clerk, sight: Sight, now: Moment) -> tuple[str, str]:
    if sight.stale_since_s is not None:
        return m.say("clerk.waiting_unknown"), ""
    waiting = len(line_at(sight.hall, m.window))
    title = m.say("clerk.waiting", n=waiting) if waiting else m.say("clerk.waiting_none")
    shut = words.closed_words(m.language, sight.hall, now, waiting)
    if shut:
        return title, shut
    own = sight.hall.queues_of(m.window)[:1]
    row = next((r for r in queue_rows(sight.hall, sight.waits) if (r.queue.id,) == own), None)
    if row is None or not row.high_min:
        return title, ""
    return title, m.say("wait.minutes", low=row.low_min, high=row.high_min)


def _line(m: Clerk, sight: Sight, now: Moment) -> list[Next]:
    return [
        Next(visit.label, _waits(m, visit, now), visit.klass == "priority")
        for visit in line_at(sight.hall, m.window)[:LINE_MOST]
    ]


def _waits(m: Clerk, visit: Visit, now: Moment) -> str:
    """How long somebody waits: after 100 minutes in hours, the exact minute matters no more."""
    n = words.minutes(now, visit.issued_s)
    key = "clerk.next_priority" if visit.klass == "priority" else "clerk.next_wait"
    return m.say(key, n=n) if n < LONG_MIN else m.say(f"{key}_long", h=n // 60)
