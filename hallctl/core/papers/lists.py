"""The list of materials, and the 一次性告知单: what is still missing, told all at once."""

from hallctl.core.hall import Job
from hallctl.core.moment import Moment
from hallctl.core.papers.head import head
from hallctl.core.rules import Item, Rules
from hallctl.core.slip import Gap, Line, Rule, Slip
from hallctl.texts import say


def short(name: str, form: str) -> str:
    """A material on one line."""
    return f"{name} {form}".rstrip()


def materials(rules: Rules, item: Item, job: Job, now: Moment) -> Slip:
    """What an item needs, to take home."""
    lang = job.language
    parts = head(rules, lang, now)
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


def notice(rules: Rules, item: Item, job: Job, now: Moment) -> Slip:
    """一次性告知单 (行政许可法 art. 32): every missing material, and what it must be like.

    The ticked ones are those to bring; the clerk and the resident sign below.
    """
    lang = job.language
    parts = head(rules, lang, now)
    parts += [
        Line(say(lang, "notice.title"), scale=2, align="center", bold=True),
        Line(say(lang, "notice.intro", item=item.name)),
        Gap(),
    ]
    for place in job.missing:
        if not 1 <= place <= len(item.materials):
            continue
        material = item.materials[place - 1]
        parts.append(Line(f"☑ {material.name}", bold=True))
        told = [material.form, material.copies, material.signature]
        parts.append(Line("   " + ("，".join(t for t in told if t) or say(lang, "slip.ask"))))
        if material.basis:
            parts.append(Line(f"   {say(lang, 'slip.basis')}：{material.basis}"))
    parts += [
        Rule(dashed=True),
        Line(f"{say(lang, 'slip.limit')}：{item.limit or say(lang, 'slip.ask')}"),
        Line(say(lang, "notice.once")),
        Gap(),
        Line(say(lang, "notice.clerk")),
        Gap(),
        Line(say(lang, "notice.resident")),
    ]
    if not item.checked:
        parts += [Gap(), Line(say(lang, "slip.unchecked"))]
    return Slip(tuple(parts))
