"""The desk follows the bus like any other client: for its log, the windows and the daemon's pulse.

`HallClient.poll` blocks, so it lives in a thread of its own; what it heard is handed to the
desk's loop as plain values. The thread alone touches the client and its mirror of the hall.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hallctl.client import HallClient
from hallctl.core.acts import announcing
from hallctl.core.events import AnnouncementBegun, Recorded
from hallctl.core.hall import DeviceState, Hall, VoiceState
from hallctl.core.view import queue_rows, window_rows
from hallctl.core.visit import Visit
from hallctl.simulator.voice_words import LANGUAGES, PURPOSES
from hallctl.simulator.words import CALM, part_words, sentence

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the log. `wall_s` is hall time."""

    seq: int
    wall_s: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """The hall as the page shows it, and since when the daemon is silent (0: never heard)."""

    seq: int = 0
    day: str = ""
    stale_since_s: float | None = 0.0
    windows: list[dict[str, Any]] = field(default_factory=list)
    queues: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, list[str]] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    voices: dict[str, dict[str, Any]] = field(default_factory=dict)
    quiet_until_s: float = 0.0
    help: list[str] = field(default_factory=list)
    done: int = 0


class Follower:
    """Runs from `start` to `close`; `heard` and `mirrored` are called in the desk's loop."""

    def __init__(
        self,
        bus: Path,
        heard: Callable[[Happened], None],
        mirrored: Callable[[Mirror], None],
    ) -> None:
        self._bus = bus
        self._heard = heard
        self._mirrored = mirrored
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._last = Mirror()
        self._begun: dict[str, AnnouncementBegun] = {}
        """What each voice began last."""

    def start(self) -> None:
        """Begin to listen; the daemon need not be there yet."""
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._follow, args=(loop,), name="desk-follower", daemon=True
        )
        self._thread.start()

    async def close(self) -> None:
        """Stop listening."""
        self._ended.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        client = HallClient(self._bus, "supervisor", "desk")
        try:
            while not self._ended.is_set():
                for word in client.poll(_POLL_S):
                    if isinstance(word, Recorded) and isinstance(word.event, AnnouncementBegun):
                        self._begun[word.event.device] = word.event
                    if isinstance(word, Recorded) and (said := sentence(word, client.hall)):
                        line = Happened(word.seq, word.wall_s, *said)
                        loop.call_soon_threadsafe(self._heard, line)
                mirror = mirror_of(client.hall, client.stale_since_s, self._begun)
                if mirror != self._last:
                    self._last = mirror
                    loop.call_soon_threadsafe(self._mirrored, mirror)
        except RuntimeError:
            if not loop.is_closed():  # the loop ended before us: nobody is left to tell
                raise
        finally:
            client.close()


def mirror_of(
    hall: Hall, stale_since_s: float | None, begun: Mapping[str, AnnouncementBegun]
) -> Mirror:
    """The part of the hall that the page shows, as plain values.

    `begun` is what each voice began last, which tells in which languages it speaks.
    """
    windows = [
        {
            "number": row.window.number,
            "name": row.window.name,
            "short": row.window.short,
            "queues": list(row.window.queues),
            "status": row.state.status,
            "since_s": row.state.since_s,
            "label": row.label,
            "rating": bool(row.state.rating),
            "staff": row.state.staff,
            "held": [v.label for v in hall.visits.values() if _held_at(v, row.window.number)],
        }
        for row in window_rows(hall)
    ]
    queues = [
        {"id": row.queue.id, "name": row.queue.name, "waiting": row.waiting, "next": row.next_label}
        for row in queue_rows(hall)
    ]
    return Mirror(
        seq=hall.seq,
        day=hall.day,
        stale_since_s=stale_since_s,
        windows=windows,
        queues=queues,
        links={d.name: d.link for d in hall.devices.values()},
        troubles={d.name: _troubles(hall, d) for d in hall.devices.values()},
        voices={v.device: _voice(hall, v, begun.get(v.device)) for v in hall.voices.values()},
        quiet_until_s=hall.quiet_until_s,
        help=list(hall.help),
        alerts=[{"level": a.level, "words": a.words} for a in hall.alerts.values()],
        done=sum(v.status in ("rating", "finished") for v in hall.visits.values()),
    )


def _troubles(hall: Hall, device: DeviceState) -> list[str]:
    """What a device says is wrong with it, in words; what it does not say is no trouble."""
    known = {part: state for part, state in device.parts.items() if state != "unknown"}
    wrong = [(part, state) for part, state in known.items() if state not in CALM]
    return [part_words(hall, device.name, part, state) for part, state in wrong]


def _voice(hall: Hall, voice: VoiceState, begun: AnnouncementBegun | None) -> dict[str, Any]:
    """What a voice says, in writing by language, and what waits behind it.

    After a new start of the desk the languages of what is being said are not known: no words then.
    """
    said, words = voice.speaking, []
    if said is not None and begun is not None and begun.announcement == said.id:
        spoken = announcing.effect(hall, begun).sentences
        words = [[LANGUAGES[one.language], one.text] for one in spoken]
    return {
        "saying": f"{PURPOSES[said.purpose]} {said.label}".rstrip() if said else "",
        "words": words,
        "waiting": [f"{PURPOSES[a.purpose]} {a.label}".rstrip() for a in voice.queue],
    }


def _held_at(visit: Visit, window: int) -> bool:
    return visit.status == "held" and visit.window == window


def plain(mirror: Mirror) -> dict[str, Any]:
    """A mirror as JSON-able values."""
    return asdict(mirror)
