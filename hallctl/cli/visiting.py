"""A rehearsed visit, followed stage by stage: what to look at, what to press, how long it took."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import typer
from rich.markup import escape

from hallctl.asked import Answer
from hallctl.cli.asking import err, out
from hallctl.cli.trials import LOST_S
from hallctl.client import HallClient
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.events import Event, Recorded
from hallctl.core.rules import Fitting
from hallctl.texts import knows, say
from hallctl.texts.findings import found_words

EX_STOPPED = 130
SLIP_STYLES = {"printed": "green", "doubtful": "yellow", "held": "yellow", "failed": "red"}


class Rehearsing:
    """Plays one visit at a window and tells how it goes. `run` gives the exit status."""

    def __init__(
        self,
        client: HallClient,
        window: int,
        lang: str,
        *,
        quiet: bool = False,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._window = window
        self._lang = lang
        self._to = err if quiet else out
        self._mono = mono
        self._begun_s = self._since_s = mono()
        self._job = ""
        self._slip = ""
        self._slip_reason = ""
        self._padless = False
        self.stages: list[dict[str, Any]] = []
        self.heard = False
        self.reason = ""
        self._words: dict[str, str] = {}

    def run(self) -> int:
        """Begin and follow the rehearsal to its end; Ctrl-C breaks it off."""
        asked = self._client.ask(c.RehearseVisit(window=self._window))
        try:
            while not self.reason:
                for heard in self._client.poll(0.2):
                    if isinstance(heard, Answer) and heard.id == asked and not heard.ok:
                        err.print(heard.words.get(self._lang, heard.code), highlight=False)
                        self.reason, self._words = heard.code, heard.words
                        return 1
                    if isinstance(heard, Recorded):
                        self._happened(heard.event)
                self._look()
        except KeyboardInterrupt:
            self._client.wait(self._client.ask(c.EndRehearsal(window=self._window)), 3.0)
            self._say("stopped", "yellow")
            self.reason = "stopped"
            return EX_STOPPED
        return self._verdict()

    def _happened(self, event: Event) -> None:
        if getattr(event, "window", None) != self._window:
            return
        match event:
            case e.RehearsalBegun():
                self._job = event.job
                if not event.job:
                    self._say("no_slip", "yellow")
            case e.RehearsalMoved():
                self._moved(event.stage)
            case e.RehearsalEnded():
                self.reason = event.reason
                self._timed(event.reason)
                self._say(event.reason, "green" if event.reason == "done" else "yellow")
            case _:
                pass

    def _moved(self, stage: str) -> None:
        self._timed(stage)
        if stage == "heard":
            self.heard = True
            self._say("heard", "green")
            return
        self._say(stage, "bold")
        if stage == "rating" and not self._fitted("pad"):
            self._padless = True
            self._say("no_pad", "yellow")
            self._client.ask(c.EndRehearsal(window=self._window))

    def _timed(self, stage: str) -> None:
        now = self._mono()
        took_s = round(now - self._since_s, 1)
        self.stages.append(
            {"stage": stage, "took_s": took_s, "at_s": round(now - self._begun_s, 1)}
        )
        if stage != "heard":
            self._since_s = now

    def _look(self) -> None:
        """What is in the mirror and in no event of ours: the slip, and that the hall lives."""
        job = self._client.hall.jobs.get(self._job)
        if job is not None and (job.status, job.reason) != (self._slip, self._slip_reason):
            fresh = {self._slip, job.status} != {"queued", "sending"}  # the same words
            self._slip, self._slip_reason = job.status, job.reason
            reason = job.reason
            if knows(f"found.{reason}"):
                reason = found_words(self._lang, "failed", reason)
            if fresh:
                style = SLIP_STYLES.get(job.status, "")
                self._say(f"slip.{job.status}", style, reason=reason)
        now, stale_s = self._client.now(), self._client.stale_since_s
        if now is not None and stale_s is not None and now.wall_s - stale_s > LOST_S:
            err.print(say(self._lang, "selftest.lost"), style="red", highlight=False)
            self.reason = "lost"

    def _say(self, key: str, style: str, **values: object) -> None:
        words = say(self._lang, f"visit.{key}", window=self._window, **values)
        passed = f"[dim]{self._mono() - self._begun_s:6.1f} s[/]"
        self._to.print(f"{passed}  {escape(words)}", style=style, highlight=False, soft_wrap=True)

    def _fitted(self, kind: str) -> list[Fitting]:
        """Devices of a kind that belong to the window, or to no window at all."""
        rules = self._client.hall.rules
        fittings = rules.fittings if rules else ()
        mine = [f for f in fittings if f.kind == kind]
        return [f for f in mine if not f.windows or self._window in f.windows]

    def _verdict(self) -> int:
        """0 when it ended well, 3 when ticket or voice lack their proof, else 1."""
        ended = self.reason == "done" or (self.reason == "stopped" and self._padless)
        if not ended or self._slip == "failed":
            return 1
        status = 0
        if self._job and self._slip != "printed":
            self._say("unprinted", "yellow")
            status = 3
        if self._fitted("voice") and not self.heard:
            self._say("unheard", "yellow")
            status = 3
        return status

    def as_words(self, status: int) -> dict[str, Any]:
        """The rehearsal as JSON holds it."""
        return {
            "ok": not status,
            "window": self._window,
            "reason": self.reason,
            "words": self._words,
            "stages": self.stages,
            "slip": self._slip,
            "heard": self.heard,
        }


def rehearse_visit(client: HallClient, window: int, lang: str, *, yes: bool, as_json: bool) -> int:
    """Say what it disturbs, ask while the hall is open, then play it. Gives the exit status."""
    for key in ("visit.begin", "visit.disturb"):
        err.print(say(lang, key, window=window), highlight=False, soft_wrap=True)
    if client.hall.opening == "open" and not yes and not agreed(lang):
        return 1
    rehearsing = Rehearsing(client, window, lang, quiet=as_json)
    status = rehearsing.run()
    if as_json:
        sys.stdout.write(json.dumps(rehearsing.as_words(status), ensure_ascii=False) + "\n")
    return status


def agreed(lang: str) -> bool:
    """Whether the person says yes; said on standard error, so that JSON stays alone."""
    try:
        if typer.confirm(say(lang, "disturb.go_on"), err=True):
            return True
    except typer.Abort:
        err.print()
    err.print(say(lang, "disturb.not_asked"), style="yellow", highlight=False)
    return False
