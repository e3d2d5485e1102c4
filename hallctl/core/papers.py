"""What stands on paper: the ticket, and the list of materials. Layout only; no printer's bytes."""

from hallctl.core.hall import Hall, Job
from hallctl.core.moment import Moment
from hallctl.core.rules import Item, Queue, Rules
from hallctl.core.slip import Gap, Line, Part, Rule, Slip
from hallctl.core.visit import Visit
from hallctl.texts import say

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def slip_for(hall: Hall, job: Job, now: Moment) -> Slip:
    """The slip of a print job.

    A queue or an item that has left the files since the job was queued is named by its letter or
    code: a slip must not stop the hall.
    """
    rules = hall.rules
    assert rules is not None
    if job.purpose == "materials":
        item = rules.item(job.item) or Item(job.item, job.item, "", "")
        return _materials(rules, item, job, now)
    visit = hall.visits[job.visit]
    gone = Queue(visit.queue, visit.queue, visit.queue, visit.queue, "", ())
    return _ticket(rules, rules.queue(visit.queue) or gone, visit, job, now)


def windows_text(queue: Queue) -> str:
    """The windows of a queue as people say them: 1–5, or 6."""
    numbers = sorted(queue.windows)
    if not numbers:
        return "—"
    whole = list(range(numbers[0], numbers[-1] + 1))
    if len(numbers) > 2 and numbers == whole:  # noqa: PLR2004
        return f"{numbers[0]}–{numbers[-1]}"
    return "、".join(str(n) for n in numbers)


def _head(rules: Rules, job: Job, now: Moment) -> list[Part]:
    name = rules.hall if job.language == "zh" else rules.hall_en
    when = f"{now.day} {_weekday(now, job.language)} {now.day_s // 3600}:{now.day_s // 60 % 60:02d}"
    return [
        Line(name, scale=2, align="center", bold=True),
        Line(when, align="center"),
        Rule(),
    ]


def _weekday(now: Moment, language: str) -> str:
    name = WEEKDAYS[language][now.weekday - 1]
    return f"星期{name}" if language == "zh" else name


def _ticket(rules: Rules, queue: Queue, visit: Visit, job: Job, now: Moment) -> Slip:
    lang = job.language
    marks = [say(lang, "slip.priority")] if visit.klass == "priority" else []
    marks += [say(lang, "slip.copy")] if job.reprint else []
    name = queue.name if lang == "zh" else queue.name_en
    parts = _head(rules, job, now)
    if marks:
        parts.append(Line("  ".join(marks), scale=2, align="center", bold=True))
    parts += [
        Line(say(lang, "slip.number"), align="center"),
        Line(visit.label, scale=7, align="center", bold=True),
        Line(
            say(lang, "slip.where", queue=name, windows=windows_text(queue)),
            scale=2,
            align="center",
            bold=True,
            inverse=True,
        ),
        Gap(),
        Line(say(lang, "slip.ahead", n=visit.ahead), align="center"),
        Line(_wait(visit, lang), align="center"),
        Rule(),
    ]
    item = rules.item(visit.item) if visit.item else None
    if item is not None and item.materials:
        parts.append(Line(say(lang, "slip.prepare", item=item.name), bold=True))
        parts += [Line(f"□ {_short(m.name, m.form)}") for m in item.materials]
        parts.append(Rule(dashed=True))
    parts += [
        Line(say(lang, "slip.listen")),
        Line(say(lang, "slip.missed")),
        Line(say(lang, "slip.today", date=now.day)),
    ]
    return Slip(tuple(parts))


def _wait(visit: Visit, lang: str) -> str:
    if visit.wait_high_min == 0:
        return say(lang, "slip.no_wait")
    return say(lang, "slip.wait", low=visit.wait_low_min, high=visit.wait_high_min)


def _short(name: str, form: str) -> str:
    return f"{name} {form}".rstrip()


def _materials(rules: Rules, item: Item, job: Job, now: Moment) -> Slip:
    lang = job.language
    parts = _head(rules, job, now)
    parts += [
        Line(say(lang, "slip.materials"), align="center", bold=True),
        Line(item.name, scale=2, align="center", bold=True),
        Gap(),
    ]
    for material in item.materials:
        parts.append(Line(f"□ {material.name}", bold=True))
        told = [material.form, material.copies, material.signature]
        parts.append(Line("   " + ("，".join(t for t in told if t) or say(lang, "slip.ask"))))
    parts.append(Rule(dashed=True))
    for key, text in (
        ("slip.limit", item.limit),
        ("slip.fee", item.fee),
        ("slip.conditions", item.conditions),
        ("slip.procedure", item.procedure),
        ("slip.notes", item.notes),
        ("slip.basis", item.basis),
    ):
        parts.append(Line(f"{say(lang, key)}：{text or say(lang, 'slip.ask')}"))
    if not item.checked:
        parts += [Gap(), Line(say(lang, "slip.unchecked"))]
    return Slip(tuple(parts))
