"""The sound card through SDL (pygame-ce), and a file in its place for tests and benchmarks."""

import os
from typing import Final

from hallctl.voice.clips import RATE

CAPTURE: Final = "capture:"
"""Before a file's name: raw 16-bit mono samples go there, as fast as they would sound."""
CHUNK_FRAMES = 1024
"""What SDL asks for at a time: 21 ms, the delay before a sound begins."""
NOBODY_HEARS: Final = frozenset({"dummy", "disk"})


class CardError(Exception):
    """The sound card is not there, or does not do its work; the words say why."""


class SdlCard:
    """One card: `default`, an ALSA device, or `capture:FILE`. One thread uses it.

    pygame is imported when the card is first opened: by then the listening thread listens.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._capture = device.startswith(CAPTURE)
        if self._capture:
            os.environ["SDL_AUDIODRIVER"] = "disk"
            os.environ["SDL_DISKAUDIOFILE"] = device.removeprefix(CAPTURE)
        elif device != "default":
            os.environ["SDL_AUDIODRIVER"] = "alsa"
            os.environ["AUDIODEV"] = device
        os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
        # SDL tells of a card that was pulled by an event, and has events with a display only.
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        os.environ["SDL_NO_SIGNAL_HANDLERS"] = "1"  # else SIGTERM would be an event to SDL

    def open(self) -> None:
        """Open the card unless it is open. Raises CardError."""
        from pygame import display, error, event, mixer  # noqa: PLC0415 - the environment is first

        if os.environ.get("SDL_AUDIODRIVER") in NOBODY_HEARS and not self._capture:
            raise CardError("SDL_AUDIODRIVER names a driver nobody can hear")
        if mixer.get_init():
            return
        try:
            display.init()
            mixer.init(RATE, -16, 1, CHUNK_FRAMES, allowedchanges=0)
        except error as problem:
            raise CardError(f"{self._device}: {problem}") from problem
        if mixer.get_driver() in NOBODY_HEARS and not self._capture:
            mixer.quit()
            raise CardError(f"{self._device}: no sound card, only SDL's dummy")
        event.clear()

    def close(self) -> None:
        """Let the card go, so that the next `open` opens it anew."""
        from pygame import mixer  # noqa: PLC0415

        mixer.quit()

    def play(self, pcm: bytes) -> None:
        """Begin a sound: 16-bit mono samples. Raises CardError."""
        from pygame import error, mixer  # noqa: PLC0415

        try:
            channel = mixer.Sound(buffer=pcm).play()
        except error as problem:
            raise CardError(f"{self._device}: {problem}") from problem
        if channel is None:
            raise CardError(f"{self._device}: no free channel")

    def playing(self) -> bool:
        """Whether it still sounds. Raises CardError when the card has been pulled."""
        from pygame import AUDIODEVICEREMOVED, event, mixer  # noqa: PLC0415

        # Without its card SDL throws the sound away in good time, as if it had been heard.
        for gone in event.get():
            ours = gone.type == AUDIODEVICEREMOVED and gone.which  # 0: one that nobody has open
            if ours and not gone.iscapture:
                raise CardError(f"{self._device}: the sound card was pulled out")
        return mixer.get_busy()

    def stop(self) -> None:
        """Break it off."""
        from pygame import mixer  # noqa: PLC0415

        mixer.stop()
