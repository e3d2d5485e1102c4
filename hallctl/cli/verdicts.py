"""The results of self-tests as people and programs read them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from hallctl.cli.trials import COMPUTER, VISIBLE, Trial
from hallctl.core.trial import Found, Result
from hallctl.texts import say
from hallctl.texts.findings import detail_words, found_words, mend_words, step_words

MARKS = {"passed": "[green]✔[/]", "failed": "[bold red]✘[/]", "untested": "[yellow]–[/]"}
PROMPTS = {"key": "ask.key", "face": "ask.face", "card": "ask.card"}


class Telling:
    """Shows how the tests go, on `console`: a bar for all, a line for each question to a person.

    `eyes` False asks nobody to look: there is a program at the other end.
    """

    def __init__(self, console: Console, total: int, lang: str, *, eyes: bool = True) -> None:
        self._eyes = eyes
        self._lang = lang
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._console = console
        self._task = self._progress.add_task(say(lang, "selftest.all"), total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def asks(self, trial: Trial, step: str, window: int, wait_s: float) -> None:
        """Ask the person at the device."""
        words = prompt(self._lang, trial.device, step, window, wait_s)
        self._console.print(f"[bold]▶ {escape(words)}[/]", highlight=False, soft_wrap=True)

    def found(self, trial: Trial, found: Found) -> None:
        """Name the step on the bar."""
        words = f"{trial.device} {step_words(self._lang, found.step)}"
        self._progress.update(self._task, description=escape(words))
        if found.step.partition(":")[0] in PROMPTS:
            said = found_words(self._lang, found.result, found.code)
            mark = MARKS[found.result]
            self._console.print(f"  {mark} {escape(said)}", highlight=False)

    def ended(self, trial: Trial) -> None:
        """One more is done."""
        self._progress.advance(self._task)
        self._progress.update(self._task, description=escape(trial.device))

    def looked(self, trial: Trial) -> list[Found]:
        """Ask whether it was seen or heard; Ctrl-D leaves a question out."""
        if not self._eyes:
            return []
        self._progress.stop()
        said: list[Found] = []
        for step in trial.looks():
            words = say(self._lang, f"look.{step}", name=trial.device)
            try:
                yes = typer.confirm(words, err=True)
            except typer.Abort:
                self._console.print()
                continue
            result: Result = "passed" if yes else "failed"
            said.append(
                Found(step=f"seen:{step}", result=result, code="" if yes else VISIBLE[step])
            )
        self._progress.start()
        return said

    def not_noted(self, trial: Trial) -> None:
        """It stands in this answer, and nowhere else."""
        words = say(self._lang, "selftest.not_noted", name=trial.device)
        self._console.print(f"[red]{escape(words)}[/]", highlight=False, soft_wrap=True)


def prompt(lang: str, device: str, step: str, window: int, wait_s: float) -> str:
    """What a person is asked: 请在 3 号窗口的键盘上按【顺呼】，15 秒内."""
    key = PROMPTS.get(step.partition(":")[0], "ask.any")
    place = say(lang, "ask.window" if window else "ask.device", window=window, device=device)
    return say(lang, key, place=place, what=detail_words(lang, step), wait=f"{wait_s:.0f}")


def status_of(trials: Sequence[Trial], lang: str) -> tuple[int, str]:
    """The exit status and one sentence: 0 all passed, 1 some failed, 3 some could not be tested."""
    for result, status in (("failed", 1), ("untested", 3)):
        names = [name_of(t, lang) for t in trials if t.result == result]
        if names:
            said = say(lang, "devices.comma").join(names)
            return status, say(lang, f"selftest.{result}", n=len(names), names=said)
    return 0, say(lang, "selftest.passed")


def name_of(trial: Trial, lang: str) -> str:
    """A device's name; the computer's in the language."""
    return say(lang, "selftest.computer") if trial.device == COMPUTER else trial.device


def table(trials: Sequence[Trial], lang: str, *, full: bool = False) -> Table:
    """What is wrong comes with its remedy, the devices apart from each other; evidence is dim.

    Unless `full`, what passed is only counted, and steps with the same finding share a row.
    """
    shown = Table()
    for head in ("name", "step", "result", "mend"):
        shown.add_column(say(lang, f"devices.{head}"), overflow="fold")
    for trial in trials:
        name = f"{MARKS.get(trial.result, '…')} [bold]{escape(name_of(trial, lang))}[/]"
        if trial.refused:
            shown.add_row(name, "", escape(trial.refused.get(lang, "")), "")
        for alike in _groups(trial.found, full=full):
            shown.add_row(name, *_cells(trial, alike, lang))
            name = ""
        passed = 0 if full else sum(map(_plain, trial.found))
        if passed:
            key = "selftest.steps" if name else "selftest.rest"
            shown.add_row(name, "", f"{MARKS['passed']} {say(lang, key, n=passed)}", "")
        shown.add_section()
    return shown


def _plain(found: Found) -> bool:
    """A step that passed and has nothing to say."""
    return found.result == "passed" and not found.code


def _groups(found: Sequence[Found], *, full: bool) -> list[list[Found]]:
    """Each finding by itself when `full`; else those alike together, without what just passed."""
    if full:
        return [[one] for one in found]
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for one in found:
        if not _plain(one):
            groups.setdefault((one.step.partition(":")[0], one.result, one.code), []).append(one)
    return list(groups.values())


def _cells(trial: Trial, alike: list[Found], lang: str) -> tuple[str, str, str]:
    """Step, result with the first one's evidence, remedy."""
    first = alike[0]
    step = step_words(lang, first.step)
    details = [detail_words(lang, one.step) for one in alike[1:] if ":" in one.step]
    step = " ".join([step, *details]) if details else step
    step += f" × {len(alike)}" if len(alike) > 1 and not details else ""
    result = f"{MARKS[first.result]} {escape(found_words(lang, first.result, first.code))}"
    if first.evidence:
        result += f"\n  [dim]{escape(first.evidence)}{' …' if len(alike) > 1 else ''}[/]"
    settled = trial.result == "passed" and first.result != "failed"
    mend = "" if settled and first.code == "no_question" else mend_words(lang, first.code)
    return escape(step), result, escape(mend)


def as_words(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """The tests as JSON holds them, with words and remedies in both languages."""
    return [
        {
            "device": trial.device,
            "kind": trial.kind,
            "test": trial.id,
            "result": trial.result,
            "refused": trial.refused,
            "findings": [_found(found) for found in trial.found],
        }
        for trial in trials
    ]


def _found(found: Found) -> dict[str, Any]:
    words = {lang: found_words(lang, found.result, found.code) for lang in ("zh", "en")}
    mend = {lang: mend_words(lang, found.code) for lang in ("zh", "en")}
    steps = {lang: step_words(lang, found.step) for lang in ("zh", "en")}
    return {**asdict(found), "step_words": steps, "words": words, "mend": mend}
