"""The card on the left of the clerk's page: who is here, about what, with which papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hallctl.core.moment import Moment
from hallctl.core.rules import Material
from hallctl.core.view import line_at, opening
from hallctl.core.visit import Visit
from screens.clerk import choosing, words
from screens.clerk.pages import Case, Chip, Paper
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.clerk.model import Clerk

SHEET = 3
"""So many materials are shown at once."""
SLOW_S = 90.0
"""So long after a call nobody came: it is said that one may call again."""


def case(m: Clerk, sight: Sight, now: Moment) -> Case:
    """The card for this moment."""
    visit = m.visit(sight)
    if visit is None:
        return _empty(m, sight, now)
    serving = visit.status == "serving"
    since_s = visit.started_s if serving else visit.first_called_s
    key = "clerk.served" if serving else "clerk.called_for"
    chip = Chip("person", m.say("status.serving"), "ok")
    if not serving:
        chip = Chip("megaphone", m.say("status.called"), "primary")
    if sight.stale_since_s is not None:
        return _stale(m, sight, visit)
    rules, item = sight.hall.rules, m.item(sight)
    assert rules is not None
    waited = words.waited(m.language, visit, now)
    papers, title, before, after = _papers(m, sight)
    return Case(
        chip=chip,
        since=_since(m, key, now, since_s),
        label=visit.label,
        item=item.name if item else m.say("clerk.item_unknown"),
        item_target="item:set",
        about=m.say("clerk.about", klass=words.klass_words(m.language, visit), waited=waited),
        notes=tuple(_notes(m, sight, now, visit)) if not (serving and papers) else (),
        papers_title=title if serving else "",
        papers=papers if serving else (),
        before=before,
        after=after,
    )


def _since(m: Clerk, key: str, now: Moment, since_s: float) -> str:
    n = words.minutes(now, since_s)
    return m.say(key, n=n) if n else m.say("clerk.just")


def _stale(m: Clerk, sight: Sight, visit: Visit) -> Case:
    """What was so when the hall was last heard, said to be old."""
    chip = Chip("offline", words.stale(m.language, sight), "bad")
    status = m.say(f"status.{visit.status}")
    was = m.say("clerk.stale_case", label=visit.label, status=status)
    notes = (Chip("clock", was), Chip("form", m.say("clerk.stale_do")))
    return Case(chip, "", m.say("clerk.unheard"), notes=notes, faded=True)


def _papers(m: Clerk, sight: Sight) -> tuple[tuple[Paper, ...], str, str, str]:
    item = m.item(sight)
    if item is None or not item.materials:
        return (), "", "", ""
    sheets = -(-len(item.materials) // SHEET)
    sheet = min(m.sheet, sheets - 1)
    m.sheet = sheet
    missing = m.missing(sight)
    first = sheet * SHEET
    papers = tuple(
        Paper(f"tick:{n}", material_words(paper), n not in missing, m.say("clerk.lacks"))
        for n, paper in enumerate(item.materials[first : first + SHEET], first + 1)
    )
    there = len(item.materials) - len(missing)
    title = m.say("clerk.papers", n=there, of=len(item.materials))
    before = "sheet:-1" if sheet else ""
    return papers, title, before, "sheet:1" if sheet < sheets - 1 else ""


def material_words(paper: Material) -> str:
    """`住址证明 原件 复印件 1 份`."""
    return "  ".join(part for part in (paper.name, paper.form, paper.copies) if part)


def _notes(m: Clerk, sight: Sight, now: Moment, visit: Visit) -> list[Chip]:
    rules = sight.hall.rules
    assert rules is not None
    notes = []
    if visit.status == "called":
        over = visit.calls >= rules.recall_max
        if over:
            notes.append(Chip("triangle", m.say("clerk.not_come", n=visit.calls), "warn"))
        elif now.wall_s - visit.called_s >= SLOW_S:
            notes.append(Chip("bell", m.say("clerk.call_again"), "warn"))
        notes += [] if over else [Chip("clock", m.say("clerk.calls", n=visit.calls))]
    item = m.item(sight)
    if item is None:
        notes.append(Chip("form", m.say("clerk.choose_item"), "primary"))
    elif not item.materials:
        notes.append(Chip("form", m.say("clerk.papers_open")))
    notes += [Chip("shield", m.say("clerk.behind"), "brand")] if visit.behind else []
    return notes


def _empty(m: Clerk, sight: Sight, now: Moment) -> Case:
    state, hall = m.state(sight), sight.hall
    if sight.stale_since_s is not None:
        chip = Chip("offline", words.stale(m.language, sight), "bad")
        notes = (Chip("form", m.say("clerk.stale_do")),)
        return Case(chip, "", m.say("clerk.unheard"), notes=notes, faded=True)
    if state.status == "paused":
        return _paused(m, sight, now)
    if state.status == "off":
        chip = Chip("person", m.say("clerk.off"))
        return Case(chip, "", m.say("clerk.off"), notes=(Chip("key", m.say("clerk.off_do")),))
    line = line_at(hall, m.window)
    waits: list[Chip] = []
    shut = words.closed_words(m.language, hall, now, len(line))
    if shut:
        waits.append(Chip("bowl" if opening(hall, now) == "lunch" else "moon", shut))
    rated = hall.visits.get(state.rating)
    if rated is not None:
        waits.append(Chip("star", m.say("clerk.rating", label=rated.label), "primary"))
    if line:
        text = m.say("clerk.next_up", label=line[0].label)
        waits.append(Chip("ticket", text))
    held = choosing.held(m, sight)
    if held:
        labels = "、".join(v.label for v in held[:3])
        waits.append(Chip("clock", m.say("clerk.held_list", labels=labels), "warn"))
    chip = Chip("tickcircle", m.say("clerk.idle"), "ok")
    since = _since(m, "clerk.idle_for", now, state.since_s) if state.since_s else ""
    return Case(chip, since, m.say("clerk.idle"), notes=tuple(waits))


def _paused(m: Clerk, sight: Sight, now: Moment) -> Case:
    state = m.state(sight)
    notes = []
    if state.pause_reason:
        notes.append(Chip("pause", state.pause_reason))
    if state.pause_until_s:
        late = now.wall_s > state.pause_until_s
        key = "clerk.pause_late" if late else "clerk.pause_until"
        text = m.say(key, time=words.time_of(sight.hall, state.pause_until_s))
        notes.append(Chip("clock", text, "warn" if late else ""))
    since = _since(m, "clerk.paused_for", now, state.since_s)
    chip = Chip("pause", m.say("clerk.paused"), "warn")
    return Case(chip, since, m.say("clerk.paused"), notes=tuple(notes))
