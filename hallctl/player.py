"""The process that owns the sound card: `python -m hallctl.player SOUNDS_DIR [--device D]`.

It reads orders as lines of JSON from stdin and answers on stdout; the words are in
`drivers/voice_chime.py`. It is a process of its own, so that no audio library can stop, crash or
fork the daemon. Clips are played in the order asked, one at a time, each to its end.

Silence is never called success: SDL's dummy and disk drivers are refused, a missing card answers
`failed` with the system's words, and the card is tried again with every order.
"""

import argparse
import contextlib
import json
import os
import select
import sys
import wave
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pygame

RATE = 48_000
POLL_S = 0.01
READ_BYTES = 65_536
LINE_MAX = 65_536
OVERRUN_POLLS = 300
"""A clip still "playing" this much beyond its length hangs on a card that went away."""


class SoundError(Exception):
    """A clip cannot be heard; the words say why."""


class Card:
    """The sound card through SDL. Opened when needed, opened again after a failure."""

    def __init__(self, device: str) -> None:
        if device != "default":
            os.environ["SDL_AUDIODRIVER"] = "alsa"
            os.environ["AUDIODEV"] = device
        os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
        self._device = device

    def open(self) -> None:
        """Open the card unless it is open. Raises SoundError."""
        from pygame import error, mixer  # noqa: PLC0415 - the environment above comes first

        if os.environ.get("SDL_AUDIODRIVER") in {"dummy", "disk"}:
            raise SoundError("SDL_AUDIODRIVER names a driver nobody can hear")
        if mixer.get_init():
            return
        try:
            mixer.init(RATE, -16, 2, 1024, allowedchanges=0)
        except error as problem:
            raise SoundError(f"{self._device}: {problem}") from problem
        if mixer.get_driver() in {"dummy", "disk"}:
            mixer.quit()
            raise SoundError(f"{self._device}: no sound card, only SDL's dummy")

    def play(self, clip: Path) -> "tuple[pygame.mixer.Channel, float]":
        """Begin a clip: its channel and its length in seconds. Raises SoundError."""
        from pygame import error, mixer  # noqa: PLC0415

        self.open()
        try:
            sound = mixer.Sound(str(clip))
            channel = sound.play()
        except (error, OSError) as problem:
            raise SoundError(f"{clip.name}: {problem}") from problem
        if channel is None:
            raise SoundError(f"{clip.name}: no free channel")
        return channel, sound.get_length()

    def close(self) -> None:
        """Let the card go, so that the next order opens it anew."""
        from pygame import mixer  # noqa: PLC0415

        mixer.quit()


class Player:
    """Orders in, answers out."""

    def __init__(self, sounds: Path, card: Card, orders_fd: int, answers_fd: int) -> None:
        self._sounds, self._card = sounds, card
        self._in, self._out = orders_fd, answers_fd
        self._buffer = b""
        self._orders: deque[tuple[str, list[str]]] = deque()
        self._ended = False

    def run(self) -> None:
        """Until stdin ends: whoever started us is gone, and a call nobody made is not played."""
        try:
            self._card.open()
        except SoundError as problem:
            self._say(failed="", why=str(problem))
        else:
            self._say(ready=True)
        while not self._ended:
            self._listen(None if not self._orders else 0.0)
            if self._orders and not self._ended:
                self._perform(*self._orders.popleft())

    def _perform(self, order: str, clips: list[str]) -> None:
        try:
            paths = [self._clip(name) for name in clips]
            if not paths:  # a question: is the card there?
                self._card.open()
                self._say(started=order)
            for index, path in enumerate(paths):
                channel, length_s = self._card.play(path)
                if index == 0:
                    self._say(started=order)
                self._wait(channel, length_s, path)
        except SoundError as problem:
            self._card.close()
            self._say(failed=order, why=str(problem))
        else:
            self._say(ended=order)

    def _clip(self, name: str) -> Path:
        path = self._sounds / f"{name}.wav"
        if self._sounds.resolve() not in path.resolve().parents:
            raise SoundError(f"{name}: outside the folder of sounds")
        try:
            with wave.open(str(path)) as clip:
                clip.getnframes()
        except (OSError, EOFError, wave.Error) as problem:
            raise SoundError(f"{name}: {problem}") from problem
        return path

    def _wait(self, channel: "pygame.mixer.Channel", length_s: float, path: Path) -> None:
        polls_left = int(length_s / POLL_S) + OVERRUN_POLLS
        while channel.get_busy() and not self._ended:
            self._listen(POLL_S)
            polls_left -= 1
            if polls_left < 0:
                raise SoundError(f"{path.name}: the sound card stopped taking sound")

    def _listen(self, timeout_s: float | None) -> None:
        """Take orders that have come, at most one read."""
        if self._ended:
            return
        if not select.select([self._in], [], [], timeout_s)[0]:
            return
        got = os.read(self._in, READ_BYTES)
        self._ended = not got
        *lines, self._buffer = (self._buffer + got).split(b"\n")
        self._buffer = self._buffer[-LINE_MAX:]
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            asked: Any = json.loads(line)
        except ValueError:
            asked = None
        clips = asked.get("play") if isinstance(asked, dict) else None
        if not isinstance(clips, list) or not all(isinstance(clip, str) for clip in clips):
            self._say(failed="", why=f"not an order: {line[:80]!r}")
            return
        self._orders.append((str(asked.get("id", "")), clips))

    def _say(self, **answer: object) -> None:
        try:
            os.write(self._out, json.dumps(answer).encode() + b"\n")
        except BrokenPipeError:
            self._ended = True


def main(arguments: list[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(prog="hallctl.player", description="Plays the hall's sounds.")
    parser.add_argument("sounds", type=Path)
    parser.add_argument("--device", default="default", help="`default` or an ALSA device")
    asked = parser.parse_args(arguments)
    # The answers get a descriptor of their own: a library's word on stdout must not come between.
    answers_fd = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(KeyboardInterrupt):
        Player(asked.sounds, Card(asked.device), sys.stdin.fileno(), answers_fd).run()


if __name__ == "__main__":
    main()
