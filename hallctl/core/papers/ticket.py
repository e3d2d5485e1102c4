"""The ticket (号票)."""

from hallctl.core.hall import Job
from hallctl.core.moment import Moment
from hallctl.core.papers.head import head, windows_text
from hallctl.core.papers.lists import short
from hallctl.core.rules import Queue, Rules
from hallctl.core.slip import Code, Gap, Line, Rule, Slip
from hallctl.core.visit import Visit
from hallctl.texts import say


def ticket(rules: Rules, queue: Queue, visit: Visit, job: Job, now: Moment) -> Slip:
    """The ticket of a visit."""
    lang = job.language
    marks = [say(lang, "slip.priority")] if visit.klass == "priority" else []
    marks += [say(lang, "slip.copy")] if job.reprint else []
    name = queue.name if lang == "zh" else queue.name_en
    parts = head(rules, lang, now)
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
        parts += [Line(f"□ {short(m.name, m.form)}") for m in item.materials]
        parts.append(Rule(dashed=True))
    if rules.public_url and visit.code:
        parts += [
            Code(f"{rules.public_url}/t/{visit.code}"),
            Line(say(lang, "slip.progress"), align="center"),
        ]
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
