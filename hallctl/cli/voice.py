"""`hallctl voice`: what each voice says and what waits; 静音 for a while, and its end."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import apsw
import typer
from rich.markup import escape

from hallctl import wire
from hallctl.chain import JournalError, read_only
from hallctl.cli import seeing
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, did, out, place_of
from hallctl.cli.devices import Follower, LangOption
from hallctl.core import commands as c
from hallctl.core.acts import announcing
from hallctl.core.hall import Announcement, VoiceState
from hallctl.listing import rows
from hallctl.place import Place
from hallctl.texts import knows, say

app = typer.Typer(help="The voice (语音): how it is, what it says, quiet for a while (静音).")

FAILURES_SHOWN = 5
EVENTS_READ = 2000
"""So far back in the journal failures are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice: its row among the devices, what it says, what waits in order."""

    name: str
    health: seeing.Health
    words: str
    mend: str
    evidence: str
    saying: str
    waiting: tuple[str, ...]


@app.callback(
    invoke_without_command=True,
    epilog="Ends with 0 when every voice can be heard, 1 when one cannot, 69 when no daemon runs.",
)
def voice(
    context: typer.Context,
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Show each voice: can it be heard, what does it say, what waits, what failed lately."""
    if context.invoked_subcommand is not None:
        return
    place = place_of(hall, state)
    follower = Follower(place)
    try:
        told = _told(follower, place, lang)
    finally:
        follower.close()
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        _show(told, lang)
    raise typer.Exit(0 if told["ok"] else 1)


@app.command()
def quiet(
    minutes: Annotated[float, typer.Argument(help="For so many minutes, 240 at most.", min=0.1)],
    hall: HallOption = HERE,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """静音: calls are shown and not said for so long; what waits to be said is dropped.

    An evacuation is said all the same. Quiet hours of every day stand in hall.yaml.
    """
    command = c.QuietVoice(minutes=minutes, place="cli")
    words = f"语音静音 {minutes:g} 分钟，叫号只上屏幕"
    did(hall, state, "guide", command, words, as_json=as_json)


@app.command()
def on(hall: HallOption = HERE, state: StateOption = None, as_json: JsonOption = False) -> None:
    """End 静音 before its time: the next call is said again.

    Quiet hours of hall.yaml are not ended by it.
    """
    command = c.QuietVoice(minutes=0, place="cli")
    did(hall, state, "guide", command, "语音恢复", as_json=as_json)


def _told(follower: Follower, place: Place, lang: str) -> dict[str, Any]:
    """All that is shown, as a program reads it."""
    known = follower.known()
    now = wire.moment_in(follower.status()["now"])
    hall, rules = known.hall, known.hall.rules
    assert rules is not None
    zone = ZoneInfo(rules.timezone)
    voices = []
    for row in seeing.rows(known, lang):
        if row.kind != announcing.KIND:
            continue
        voice = hall.voices.get(row.name, VoiceState(row.name))
        said = voice.speaking
        voices.append(
            Voice(
                name=row.name,
                health=row.health,
                words=row.words,
                mend=row.mend,
                evidence=row.evidence,
                saying=_what(said, lang) if said else "",
                waiting=tuple(_what(a, lang) for a in voice.queue),
            )
        )
    asked = now.wall_s < hall.quiet_until_s
    return {
        "ok": all(v.health == "fine" for v in voices),
        "voices": [asdict(v) for v in voices],
        "volume": announcing.volume_at(rules.voice, now.day_s),
        "quiet": announcing.is_quiet(hall, rules, now),
        "quiet_until": _time(hall.quiet_until_s, zone) if asked else "",
        "failures": list(_failures(place, zone, lang)),
    }


def _what(said: Announcement, lang: str) -> str:
    """An announcement in words, with its attempt when it is not the first."""
    words = _named(lang, said.purpose, said.label, said.window)
    return say(lang, "voice.tried", what=words, n=said.tries + 1) if said.tries else words


def _named(lang: str, purpose: str, label: str, window: int) -> str:
    words = say(lang, f"voice.purpose.{purpose}", label=label)
    return (say(lang, "voice.at_window", what=words, window=window) if window else words).strip()


def _failures(place: Place, zone: ZoneInfo, lang: str) -> Iterator[dict[str, str]]:
    """The last announcements that were not heard, from the journal; the newest last."""
    purposes: dict[str, str] = {}
    found = []
    try:
        lines = list(rows(read_only(place.state), as_csv=False, last=EVENTS_READ))
    except (JournalError, apsw.Error):
        return
    for line in lines:
        recorded = json.loads(line)
        event = recorded["event"]
        if event["type"] == "AnnouncementQueued":
            purposes[event["announcement"]] = event["purpose"]
        elif event["type"] == "AnnouncementFailed":
            found.append((recorded["wall_s"], event))
    for wall_s, event in found[-FAILURES_SHOWN:]:
        yield _failure(event, _time(wall_s, zone), purposes, lang)


def _failure(
    event: Mapping[str, Any], time: str, purposes: Mapping[str, str], lang: str
) -> dict[str, str]:
    key, label = f"voice.reason.{event['reason']}", event["visit"].rpartition("-")[2]
    return {
        "time": time,
        "name": event["device"],
        "what": _named(lang, purposes.get(event["announcement"], "call"), label, event["window"]),
        "reason": say(lang, key) if knows(key) else event["reason"],
        "evidence": event["evidence"],
    }


def _time(wall_s: float, zone: ZoneInfo) -> str:
    at = datetime.fromtimestamp(wall_s, zone)
    return f"{at.hour}:{at:%M}"


def _show(told: Mapping[str, Any], lang: str) -> None:
    if not told["voices"]:
        out.print(say(lang, "voice.none"))
    for one in told["voices"]:
        style = seeing.STYLES[one["health"]]
        volume = say(lang, "voice.volume", n=told["volume"])
        mark, words = seeing.MARKS[one["health"]], escape(one["words"])
        _line(f"[bold]{escape(one['name'])}[/]  [{style}]{mark} {words}[/]  {volume}")
        if one["mend"]:
            _line(f"  → {escape(one['mend'])}")
        saying = say(lang, "voice.saying", what=one["saying"])
        _line(f"  {escape(saying if one['saying'] else say(lang, 'voice.nothing'))}")
        if one["waiting"]:
            named = say(lang, "devices.comma").join(one["waiting"])
            _line(f"  {escape(say(lang, 'voice.waits', n=len(one['waiting']), what=named))}")
        _line(f"  [dim]{escape(one['evidence'])}[/]")
    if told["quiet_until"]:
        _line(f"[yellow]{say(lang, 'voice.quiet_until', time=told['quiet_until'])}[/]")
    elif told["quiet"]:
        _line(f"[yellow]{say(lang, 'voice.quiet_hours')}[/]")
    _line(say(lang, "voice.failures" if told["failures"] else "voice.no_failures"))
    for failure in told["failures"]:
        said = {k: v for k, v in failure.items() if k != "evidence"}
        evidence = f"  [dim]{escape(failure['evidence'])}[/]" if failure["evidence"] else ""
        _line(f"  {escape(say(lang, 'voice.failure', **said))}{evidence}")


def _line(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True)
