"""The process that owns the sound card.

`python -m hallctl.voice.player --sounds DIR [--sounds DIR …] [--device D]`

It reads orders as lines of JSON from stdin and answers on stdout; the words are in
`drivers/voice_clips.py`. It is a process of its own, so that no audio library can stop, crash or
fork the daemon. Each announcement is one piece of sound, played to its end.

Two threads: one listens and never touches the card, one plays and may be held up by a card that
hangs. So `stop` is heard while it plays, and a player that is stuck says so and ends; whoever
started it starts another.

Silence is never called success: SDL's dummy driver is refused (and its disk driver, unless asked
for by `--device capture:FILE`), a card that takes no sound, or takes it faster than time goes by,
has failed, and a missing card is tried again every ten seconds.
"""

import argparse
import contextlib
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

from hallctl.voice.assembling import Assembled, Prepared, assemble
from hallctl.voice.clips import Library
from hallctl.voice.orders import Look, OrderError, Say, Stop, read_order
from hallctl.voice.soundcard import CardError, SdlCard

POLL_S = 0.005
READ_BYTES = 65_536
LINE_MAX = 65_536
RETRY_S = 10.0
"""How often a missing card is tried again."""
OVERRUN_S = 3.0
"""A sound still playing so long after its end hangs on a card that takes no more."""
LISTEN_S = 1.0
"""How often the listening thread looks after the one that plays."""
IDLE_S = 1.0
"""How often a card that plays nothing is looked at."""
STUCK_S = 8.0
"""A call of the sound library that has not come back by then will not."""
LEAVE_S = 0.3
"""How long the card may take to close when the player leaves."""
USUAL_VOLUME = 80
"""What hall.yaml has unless it says otherwise: clips are prepared for it before the first call."""
LEFT_OUT_MOST = 20
WHY_MOST = 200
T = TypeVar("T")


class Card(Protocol):
    """A sound card. All of it raises CardError, and any of it may hang."""

    def open(self) -> None:
        """Open the card unless it is open."""

    def close(self) -> None:
        """Let the card go, so that the next `open` opens it anew."""

    def play(self, pcm: bytes) -> None:
        """Begin a sound."""

    def playing(self) -> bool:
        """Whether it still sounds."""

    def stop(self) -> None:
        """Break it off."""


class Player:
    """Orders in, answers out. `retry_s` and `stuck_s` as `RETRY_S` and `STUCK_S`."""

    def __init__(
        self,
        library: Library,
        card: Card,
        orders_fd: int,
        answers_fd: int,
        *,
        retry_s: float = RETRY_S,
        stuck_s: float = STUCK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clips, self._card = Prepared(library), card
        self._clips.set_volume(USUAL_VOLUME)
        self._in, self._out = orders_fd, answers_fd
        self._retry_s, self._stuck_s, self._clock = retry_s, stuck_s, clock
        self._jobs: SimpleQueue[Say | Look | None] = SimpleQueue()
        self._live: dict[str, Say] = {}
        """What is to be said, from its order to its answer."""
        self._card_since: float | None = None
        """When the sound library was called, while it has not come back."""
        self._open = False
        self._leaving = threading.Event()
        self._writing = threading.Lock()

    # - the thread that listens

    def run(self) -> bool:
        """Until stdin ends: whoever started us is gone, and a call nobody made is not played.

        False when the sound library never came back: this process is of no use any more.
        """
        worker = threading.Thread(target=self._work, daemon=True)
        worker.start()
        kept, skipping = b"", False
        while not self._leaving.is_set():
            if not select.select([self._in], [], [], LISTEN_S)[0]:
                if self._stuck() or not worker.is_alive():
                    return False
                continue
            got = os.read(self._in, READ_BYTES)
            if not got:
                break
            *lines, kept = (kept + got).split(b"\n")
            for line in lines:
                if not skipping:
                    self._take(line)
                skipping = False
            if len(kept) > LINE_MAX and not skipping:
                self._say(failed="", reason="order", why=f"not an order: {kept[:80]!r}")
                skipping = True
            kept = b"" if skipping else kept
            if self._stuck():
                return False
        self._leaving.set()
        for order in list(self._live.values()):
            order.stopped.set()
        self._jobs.put(None)
        worker.join(LEAVE_S)
        return True

    def _take(self, line: bytes) -> None:
        try:
            order = read_order(line)
        except OrderError as problem:
            self._say(failed=problem.id, reason="order", why=str(problem)[:WHY_MOST])
            return
        match order:
            case Stop():
                live = self._live.get(order.id)
                if live is not None:
                    live.stopped.set()
            case Look() if self._live and self._open:  # it sounds, so the card is there
                self._say(ended=order.id, took_s=0.0, languages=[], left_out=[])
            case Look():
                self._jobs.put(order)
            case Say():
                self._live[order.id] = order
                self._jobs.put(order)

    def _stuck(self) -> bool:
        since = self._card_since
        if since is None or self._clock() - since < self._stuck_s:
            return False
        why = f"the sound card has not answered for {self._stuck_s:.0f} s"
        for order in [*self._live, ""]:
            self._say(failed=order, reason="no_sound", why=why)
        return True

    # - the thread that plays

    def _work(self) -> None:
        self._try()
        while True:
            try:
                job = self._next_job()
            except Empty:
                self._look_again()
                continue
            if job is None or self._leaving.is_set():
                break
            self._perform(job)
        with contextlib.suppress(CardError):
            self._card.close()

    def _next_job(self) -> Say | Look | None:
        """Wait for an order, and meanwhile prepare clips one by one. Raises Empty."""
        while self._clips.prepare_one():
            with contextlib.suppress(Empty):
                return self._jobs.get_nowait()
        return self._jobs.get(timeout=IDLE_S if self._open else self._retry_s)

    def _try(self) -> None:
        """Open the card of our own accord, and say what came of it."""
        try:
            self._opened()
        except CardError as problem:
            self._say(failed="", reason="no_sound", why=str(problem)[:WHY_MOST])

    def _look_again(self) -> None:
        """Nothing to do: is the card still there, or there again? Said when it has changed."""
        was_open = self._open
        try:
            self._opened()
            self._calling(self._card.playing)
        except CardError as problem:
            if was_open:
                self._say(failed="", reason="no_sound", why=str(problem)[:WHY_MOST])
            self._closed()

    def _closed(self) -> None:
        self._open = False
        with contextlib.suppress(CardError):
            self._calling(self._card.close)

    def _opened(self) -> None:
        """Open the card if it is not, and say so. Raises CardError."""
        if not self._open:
            self._calling(self._card.open)
            self._open = True
            self._say(ready=True)

    def _perform(self, job: Say | Look) -> None:
        try:
            self._opened()
            if isinstance(job, Look):
                self._say(ended=job.id, took_s=0.0, languages=[], left_out=[])
            else:
                self._utter(job)
        except CardError as problem:
            self._live.pop(job.id, None)
            self._say(failed=job.id, reason="no_sound", why=str(problem)[:WHY_MOST])
            self._closed()  # may hang, so it comes behind the answer
        self._live.pop(job.id, None)

    def _utter(self, order: Say) -> None:
        """Play one announcement to its end and answer for it. Raises CardError."""
        sound = assemble(self._clips, order.chime, order.sentences, order.volume)
        left_out = [words[:WHY_MOST] for words in sound.left_out[:LEFT_OUT_MOST]]
        if not sound.pcm:
            why = "; ".join(left_out) or "nothing to say"
            self._say(failed=order.id, reason="clips", why=why[:WHY_MOST])
            return
        begun = self._clock()
        if not order.stopped.is_set():
            self._calling(lambda: self._card.play(sound.pcm))
            begun = self._clock()
            self._say(started=order.id, lasts_s=round(sound.lasts_s, 3))
        whole = self._to_its_end(order, sound, begun)
        took_s = round(self._clock() - begun, 3)
        if not whole:
            self._say(failed=order.id, reason="cut", why=f"broken off after {took_s:.1f} s")
            return
        self._say(ended=order.id, took_s=took_s, languages=list(sound.languages), left_out=left_out)

    def _to_its_end(self, order: Say, sound: Assembled, begun: float) -> bool:
        """Wait until it has sounded; False when it was broken off. Raises CardError."""
        while not order.stopped.wait(POLL_S):
            sounds = self._calling(self._card.playing)
            took_s = self._clock() - begun
            if not sounds:
                if took_s < sound.lasts_s / 2:  # no loudspeaker is ahead of the time
                    words = f"{sound.lasts_s:.1f} s of sound were gone in {took_s:.1f} s"
                    raise CardError(f"no real sound card: {words}")
                return True
            if took_s > sound.lasts_s + OVERRUN_S:
                raise CardError("the sound card stopped taking sound")
        self._calling(self._card.stop)
        return False

    def _calling(self, call: Callable[[], T]) -> T:
        """Call the sound library, watched."""
        self._card_since = self._clock()
        try:
            return call()
        finally:
            self._card_since = None

    def _say(self, **answer: object) -> None:
        try:
            with self._writing:
                os.write(self._out, json.dumps(answer).encode() + b"\n")
        except OSError:  # nobody listens any more
            self._leaving.set()


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(
        prog="hallctl.voice.player", description="Plays the hall's announcements."
    )
    parser.add_argument(
        "--sounds", type=Path, action="append", default=[], help="a folder; the preferred one first"
    )
    parser.add_argument(
        "--device", default="default", help="`default`, an ALSA device or `capture:FILE`"
    )
    asked = parser.parse_args(arguments)
    # The answers get a descriptor of their own: a library's word on stdout must not come between.
    answers_fd = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    player = Player(Library(asked.sounds), SdlCard(asked.device), sys.stdin.fileno(), answers_fd)
    well = False
    with contextlib.suppress(KeyboardInterrupt):
        well = player.run()
    os._exit(0 if well else 3)  # the usual way out would wait for a card that hangs


if __name__ == "__main__":
    main()
