"""Paper of the technician: a printer's test form, results, the ticket of a rehearsal."""

from hallctl.core.hall import DeviceTest, Hall
from hallctl.core.moment import Moment
from hallctl.core.papers.head import clock, head
from hallctl.core.rules import Rules
from hallctl.core.slip import Code, Gap, Line, Part, Rule, Slip
from hallctl.texts import say
from hallctl.texts.findings import found_words, step_words

MARKS = {"passed": "√", "failed": "×", "untested": "－", "": "…"}
RULER = "|....:....1....:....2....:....3....:....4....:...."
CENTIMETRES = 3
RARE = "㐂𠮷龘"
"""Hanzi outside GB2312, one of them outside the Basic Plane: a printer draws them as pictures."""


def form(rules: Rules, device: str, now: Moment) -> Slip:
    """What a printer must be able to do: hanzi of all sizes, a rare one, a ruler, QR, the cut."""
    parts = head(rules, "zh", now)
    parts += [
        Line(say("zh", "test.form"), scale=2, align="center", bold=True),
        Line(device, align="center"),
        Rule(),
        Line(say("zh", "test.sample")),
        Line("0123456789 ABCDEFGHIJKLM nopqrstuvwxyz"),
        Line("，。：；！？（）《》“”①②③￥%"),
        Line(say("zh", "test.rare", rare=RARE)),
        Line("A001", scale=4, align="center", bold=True),
        Line(say("zh", "test.inverse"), align="center", inverse=True),
        Rule(dashed=True),
        Line(RULER[: CENTIMETRES * 10 + 1]),
        Line(say("zh", "test.look")),
        Code(f"hallctl test {device} {now.day} {clock(now)}"),
    ]
    return Slip(tuple(parts))


def results(hall: Hall, rules: Rules, tests: tuple[str, ...], now: Moment) -> Slip:
    """The results of self-tests as the technician pins them to the wall."""
    parts = head(rules, "zh", now)
    parts.append(Line(say("zh", "test.results"), scale=2, align="center", bold=True))
    done = [hall.tests[name] for name in tests if name in hall.tests]
    for test in done:
        parts += _result(test)
    failed = sum(test.result == "failed" for test in done)
    parts += [Rule(), Line(say("zh", "test.sum", n=len(done), failed=failed), bold=True)]
    return Slip(tuple(parts))


def _result(test: DeviceTest) -> list[Part]:
    verdict = say("zh", f"result.{test.result or 'running'}")
    parts: list[Part] = [Gap(), Line(f"{MARKS[test.result]} {test.device}  {verdict}", bold=True)]
    for found in test.found:
        step = step_words("zh", found.step)
        words = found_words("zh", found.result, found.code)
        parts.append(Line(f"  {MARKS[found.result]} {step}：{words}"))
        if found.evidence:
            parts.append(Line(f"     {found.evidence}"))
    return parts


def rehearsal(rules: Rules, window: int, now: Moment) -> Slip:
    """A ticket that nobody can mistake for one."""
    label = say("zh", "rehearsal.label")
    parts = head(rules, "zh", now)
    parts += [
        Line(label, scale=7, align="center", bold=True),
        Line(say("zh", "rehearsal.where", window=window), align="center", bold=True, inverse=True),
        Rule(),
        Line(say("zh", "rehearsal.void"), bold=True),
    ]
    return Slip(tuple(parts))
