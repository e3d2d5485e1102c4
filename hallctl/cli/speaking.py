"""`hallctl say`: one call through the sound card, by the same player, or into a file."""

import json
import select
import sys
import time
import wave
from array import array
from pathlib import Path
from typing import Annotated, Any

import typer

from hallctl.cli.asking import HERE, HallOption, StateOption, err, out, place_of
from hallctl.cli.devices import LangOption
from hallctl.config.load import HallConfig, load
from hallctl.config.problems import ConfigError
from hallctl.core.rules import Spoken
from hallctl.core.speech import Sentence, sentence
from hallctl.device import driver_class
from hallctl.links.base import LinkError
from hallctl.links.sound import SoundLink
from hallctl.links.spec import SoundSpec
from hallctl.place import EX_CONFIG, EX_IOERR
from hallctl.texts import say
from hallctl.voice.assembling import assemble
from hallctl.voice.clips import LANGUAGES, RATE, Library

EX_NO_SOUND = 69
PLAY_S = 90.0
"""No call in three languages lasts half of it."""
LOUDEST = 100


def say_call(
    ticket: Annotated[str, typer.Argument(help="The number, such as B022.")],
    window: Annotated[int, typer.Argument(help="The window's number.", min=1, max=999)],
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    language: Annotated[
        list[str] | None, typer.Option(help="mandarin, cantonese, english; default: the hall's.")
    ] = None,
    short: Annotated[
        bool, typer.Option("--short", help="The form said when calls pile up.")
    ] = False,
    recall: Annotated[
        bool, typer.Option("--recall", help="The call of somebody not come.")
    ] = False,
    into: Annotated[Path | None, typer.Option(help="Write a WAV instead of playing.")] = None,
    device: Annotated[
        str, typer.Option(help="ALSA device. Default: the voice's in devices.yaml.")
    ] = "",
) -> None:
    """Say one call, as the hall would: it is neither journalled nor shown."""
    place = place_of(hall, state)
    config = _config(place.hall)
    languages = tuple(_spoken(one) for one in language or config.rules.voice.languages)
    phrase = "short" if short else "recall" if recall else "call"
    chime = "short" if short else "full"
    said = [
        sentence(config.rules, one, phrase, label=ticket.upper(), window=window)
        for one in languages or ("mandarin",)
    ]
    for one in said:
        _tell(f"{one.language}: {one.text}")
    if into is not None:
        _write(Library(place.sounds), chime, said, into, lang)
        return
    card = device or next(
        (d.link.sound for d in config.devices if isinstance(d.link, SoundSpec)), "default"
    )
    link = SoundLink(card, place.sounds)
    try:
        answer = _play(link, chime, said, config.rules.voice.volume)
    except LinkError as problem:
        answer = {"why": str(problem)}
    finally:
        link.close()
    if "ended" not in answer:
        why, remedy = answer.get("why", ""), say(lang, "remedy.sound")
        _tell(say(lang, "sounds.no_card", why=why, remedy=remedy), wrong=True)
        raise typer.Exit(EX_NO_SOUND)
    _left_out(answer.get("left_out", []), lang)


def _tell(words: str, *, wrong: bool = False) -> None:
    (err if wrong else out).print(words, highlight=False, markup=False, soft_wrap=True)


def _config(hall: Path) -> HallConfig:
    try:
        return load(hall, driver_class=driver_class)
    except ConfigError as problem:
        _tell(str(problem), wrong=True)
        raise typer.Exit(EX_CONFIG) from None


def _spoken(language: str) -> Spoken:
    for known in LANGUAGES:
        if language == known:
            return known
    raise typer.BadParameter(f"{language}: one of {', '.join(LANGUAGES)}")


def _write(library: Library, chime: str, said: list[Sentence], into: Path, lang: str) -> None:
    sound = assemble(library, chime, [(one.language, one.clips) for one in said], LOUDEST)
    samples = array("h", sound.pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    try:
        with wave.open(str(into), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
    except OSError as problem:
        _tell(say(lang, "sounds.no_disk", why=problem), wrong=True)
        raise typer.Exit(EX_IOERR) from None
    _tell(say(lang, "sounds.written", path=into, length=f"{sound.lasts_s:.1f}"))
    _left_out(list(sound.left_out), lang)


def _left_out(holes: list[str], lang: str) -> None:
    """What could not be said ends the command with 1."""
    for hole in holes:
        _tell(say(lang, "sounds.left_out", hole=hole), wrong=True)
    if holes:
        raise typer.Exit(1)


def _play(link: SoundLink, chime: str, said: list[Sentence], volume: int) -> dict[str, Any]:
    """The player's last word: `ended`, or why not. Raises LinkError when it went away."""
    order = {
        "say": "say",
        "chime": chime,
        "sentences": [[one.language, list(one.clips)] for one in said],
        "volume": volume,
    }
    fd, asked, heard = link.open(), False, b""
    until = time.monotonic() + PLAY_S
    while (left_s := until - time.monotonic()) > 0:
        if not select.select([fd], [], [], left_s)[0]:
            break
        *lines, heard = (heard + link.read()).split(b"\n")
        for line in lines:
            answer: dict[str, Any] = json.loads(line)
            if answer.get("ready") and not asked:
                link.write(json.dumps(order).encode() + b"\n")
                asked = True
            if "failed" in answer or answer.get("ended") == order["say"]:
                return answer
    return {"why": f"{PLAY_S:.0f} s"}
