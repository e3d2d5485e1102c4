"""Devices in words: how each is, what to do about it, and what that is known by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from hallctl.core.hall import DeviceState, Hall
from hallctl.core.rules import Fitting
from hallctl.core.view import is_mute
from hallctl.texts import knows, say
from hallctl.texts.findings import found_words, mend_words

Health = Literal["fine", "unsure", "wrong"]

STYLES: dict[Health, str] = {"fine": "green", "unsure": "yellow", "wrong": "bold red"}
MARKS: dict[Health, str] = {"fine": "✔", "unsure": "?", "wrong": "✘"}
GOOD = ("ok", "ready", "closed", "four", "unknown")
"""States of a part that are nobody's concern; unknown is looked at apart."""
SILENT = {"voice": "no_sound"}
"""What a silent device lacks, where that is not an answer."""
VOICE: Mapping[str, tuple[str, str]] = {
    "no_sound": ("found.no_sound", "voice.mend_silent"),
    "clips missing": ("voice.clips_missing", "voice.mend_clips"),
}
"""What is wrong with a voice: its words, and what to do, where that is a voice's own."""
HUNG = "player: no answer"
"""What the system's word begins with when a voice's player has been closed because it hung."""
BYTES_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One device as the technician reads it."""

    name: str
    health: Health
    words: str
    mend: str
    evidence: str
    kind: str
    windows: tuple[int, ...]
    serves: tuple[str, ...]
    driver: str
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all devices: the hall, the wires as they are now, what drives them."""

    hall: Hall
    wires: Mapping[str, Mapping[str, Any]]
    paper_left: Mapping[str, int | None]
    drivers: Mapping[str, str]
    now_s: float
    """The hall's wall clock."""


def rows(known: Known, lang: str) -> list[Row]:
    """Every device of devices.yaml as the hall knows it, in its order."""
    fittings = known.hall.rules.fittings if known.hall.rules else ()
    return [_row(known, fitting, lang) for fitting in fittings]


def _row(known: Known, fitting: Fitting, lang: str) -> Row:
    name = fitting.device
    state = known.hall.devices.get(name, DeviceState(name))
    wire = known.wires.get(name, {})
    health, words, mend = _judged(known, fitting.kind, state, wire, lang)
    return Row(
        name=name,
        health=health,
        words=words,
        mend=mend,
        evidence=_evidence(state, wire, lang),
        kind=fitting.kind,
        windows=fitting.windows,
        serves=fitting.serves,
        driver=known.drivers.get(name, ""),
        since_s=state.since_s,
    )


def _judged(
    known: Known, kind: str, state: DeviceState, wire: Mapping[str, Any], lang: str
) -> tuple[Health, str, str]:
    """How a device is, in words, and what to do about it."""
    shut = wire.get("is_open") is False and wire["tries"]
    if state.link == "down" or shut:
        rules = known.hall.rules
        zone = ZoneInfo(rules.timezone if rules else "UTC")
        since_s = state.since_s if state.link == "down" else known.now_s - wire["for_s"]
        time = f"{datetime.fromtimestamp(since_s, zone):%H:%M}"
        if kind == "voice" and str(wire.get("evidence") or state.evidence).startswith(HUNG):
            return "wrong", say(lang, "devices.off", time=time), say(lang, "voice.mend_hung")
        mend = str(wire.get("remedy") or state.remedy) if lang == "zh" else ""
        return "wrong", say(lang, "devices.off", time=time), mend or mend_words(lang, "unplug")
    if state.link == "unknown":
        return "wrong", say(lang, "devices.unheard"), mend_words(lang, "unplug")
    wrong: dict[str, list[str]] = {}
    for part, said in state.parts.items():
        code = code_of(kind, part, said)
        if code:
            wrong.setdefault(code, []).append(part.partition(":")[2])
    if len(wrong) > 1:
        wrong.pop("offline", None)  # that follows from the others
    if wrong:
        found = [_at(kind, code, at, lang) for code, at in wrong.items()]
        words = say(lang, "devices.comma").join(found)
        return "wrong", words, _mend(kind, next(iter(wrong)), lang)
    if is_mute(known.hall, state.name):
        return "wrong", found_words(lang, "failed", "silence"), mend_words(lang, "silence")
    if state.parts and set(state.parts.values()) == {"unknown"}:
        return "unsure", say(lang, "devices.silent"), mend_words(lang, "silence")
    words = say(lang, "devices.on")
    left = known.paper_left.get(state.name)
    if left is not None:
        words += say(lang, "devices.comma") + say(lang, "devices.paper_left", n=left)
    return "fine", words, ""


def code_of(kind: str, part: str, said: str) -> str:
    """The name of what is wrong with a part that says so; "" when nothing is."""
    if said in GOOD:
        return ""
    if said == "silent":
        return SILENT.get(kind, "silence")
    name = part.partition(":")[0]
    known = [code for code in (f"{name}_{said}", said) if knows(f"found.{code}")]
    return known[0] if known else f"{part} {said}"


def _mend(kind: str, code: str, lang: str) -> str:
    if kind == "voice" and code in VOICE:
        return say(lang, VOICE[code][1])
    return mend_words(lang, code)


def _at(kind: str, code: str, places: list[str], lang: str) -> str:
    """What is wrong, and at which addresses of a line."""
    words = found_words(lang, "failed", code)
    if kind == "voice" and code in VOICE:
        words = say(lang, VOICE[code][0])
    named = [place for place in places if place]
    if not named:
        return words
    return say(lang, "devices.at", words=words, places=say(lang, "devices.comma").join(named))


def _evidence(state: DeviceState, wire: Mapping[str, Any], lang: str) -> str:
    """The system's word, then the last bytes each way, then what waits."""
    said = [wire.get("evidence") or state.evidence]
    if state.link == "up":
        said += [f"{part}={value}" for part, value in state.parts.items()]
    if not wire:
        return "; ".join(s for s in said if s)
    if not wire["is_open"] and wire["tries"]:
        wait = f"{wire['retry_in_s']:.0f}"
        said.append(say(lang, "devices.retry", n=wire["tries"], s=wait))
    if wire["held"]:
        said.append(say(lang, "devices.held", n=wire["held"]))
    if wire["unsent"]:
        said.append(say(lang, "devices.waits", n=wire["unsent"]))
    said.append(say(lang, "devices.bytes", got=wire["bytes_in"], sent=wire["bytes_out"]))
    ways = (("←", wire["last_in"]), ("→", wire["last_out"]))
    said += [f"{way} {_last(shown)}" for way, shown in ways if shown]
    return "; ".join(s for s in said if s)


def _last(shown: str) -> str:
    """The last bytes of what is shown in hex."""
    pairs = shown.split(" ")
    return ("…" if len(pairs) > BYTES_SHOWN else "") + " ".join(pairs[-BYTES_SHOWN:])


def as_words(row: Row) -> dict[str, Any]:
    """A row as JSON holds it."""
    return asdict(row)


def all_in_all(told: Sequence[Row], lang: str) -> tuple[int, str]:
    """The exit status and one sentence: 0 all fine, 1 something wrong, 3 something not known."""
    for health, status, key in (("wrong", 1, "devices.not_fine"), ("unsure", 3, "devices.unsure")):
        names = [row.name for row in told if row.health == health]
        if names:
            said = say(lang, "devices.comma").join(names)
            return status, say(lang, key, n=len(names), names=said)
    return 0, say(lang, "devices.all_fine" if told else "devices.none", n=len(told))
