"""What `hallctl sounds` does. A room of its own: it brings numpy, which the daemon must not."""

from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hallctl.cli.asking import err, out
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.core.rules import Rules, Spoken
from hallctl.core.speech import clips_needed, languages_of, words_of
from hallctl.device import driver_class
from hallctl.place import EX_CONFIG, EX_IOERR, Place, sounds_folder
from hallctl.texts import say
from hallctl.voice import making
from hallctl.voice.checking import Flaw, check
from hallctl.voice.clips import LANGUAGES, Library
from hallctl.voice.made import Note
from hallctl.voice.making import SENTENCE_LUFS, USUAL_GAIN_DB, Built
from hallctl.voice.shaping import RecordingError, write_clip
from hallctl.voice.speaking import SpeakingError

MENDED_BY = {
    "absent": "build",
    "stale": "build",
    **dict.fromkeys(("rate", "channels", "bits", "long", "untrimmed", "loud", "soft"), "add"),
    **dict.fromkeys(
        ("corrupt", "cut", "empty", "unreadable", "endless", "silent", "short", "clipped"), "again"
    ),
}
"""Flaw → the remedy: `sounds.mend.*`."""


def rules_of(place: Place) -> Rules:
    """The hall's rules; a wrong configuration is told and ends the command with 78."""
    try:
        return load(place.hall, driver_class=driver_class).rules
    except ConfigError as problem:
        err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EX_CONFIG) from None


def tell(words: str, *, wrong: bool = False) -> None:
    """A line, as it is."""
    (err if wrong else out).print(words, highlight=False, markup=False, soft_wrap=True)


def build(place: Place, into: Path | None, lang: str, *, quiet: bool) -> None:
    """Make every clip this hall lacks; ends the command when one could not be made."""
    rules = rules_of(place)
    folder = (into or place.state / "sounds").resolve()
    library = Library((place.hall / "sounds", folder, sounds_folder()))
    try:
        built = _build(rules, library, folder, lang, quiet)
    except SpeakingError as problem:
        tell(say(lang, "sounds.no_voice", why=problem), wrong=True)
        raise typer.Exit(69) from None
    except OSError as problem:
        tell(say(lang, "sounds.no_disk", why=problem), wrong=True)
        raise typer.Exit(EX_IOERR) from None
    for at, why in built.failed:
        tell(say(lang, "sounds.failed", place=at, why=why), wrong=True)
    if not quiet:
        done = say(lang, "sounds.built", count=len(built.written), folder=folder)
        tell(done if built.written or built.failed else say(lang, "sounds.complete"))
    if built.failed:
        raise typer.Exit(1)


def _build(rules: Rules, library: Library, folder: Path, lang: str, quiet: bool) -> Built:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, disable=quiet) as shown:
        task = shown.add_task(say(lang, "sounds.making", clip=""), total=None, visible=False)

        def step(progress: making.Progress) -> None:
            words = say(lang, "sounds.making", clip=progress.hole.words.text)
            shown.update(
                task, description=words, completed=progress.done, total=progress.of, visible=True
            )

        return making.build(rules, library, folder, step)


def check_sounds(place: Place, lang: str) -> None:
    """Say which clips are wrong; ends the command with 1 when a call could not be said."""
    rules = rules_of(place)
    flaws = check(rules, Library(place.sounds))
    for flaw in flaws:
        tell(_words_of(flaw, place, lang))
    count = sum(len(clips_needed(rules, language)) for language in languages_of(rules))
    holes = [flaw for flaw in flaws if flaw.severity == "cannot"]
    if not flaws:
        tell(say(lang, "sounds.all_well", count=count))
    else:
        tell(say(lang, "sounds.counted", count=count, flaws=len(flaws), holes=len(holes)))
    if holes:
        raise typer.Exit(1)


def _words_of(flaw: Flaw, place: Place, lang: str) -> str:
    mend = "chime" if "/" not in flaw.place else MENDED_BY.get(flaw.kind, "again")
    language, _, name = flaw.place.rpartition("/")
    path = flaw.path or place.hall / "sounds" / f"{flaw.place}.wav"
    found = say(lang, f"sounds.found.{flaw.kind}", detail=flaw.detail)
    remedy = say(lang, f"sounds.mend.{mend}", path=path, spoken=language, name=name)
    return say(lang, "sounds.flaw", path=path, found=found, remedy=remedy)


def sheet(place: Place, languages: list[str]) -> None:
    """Print the recording sheet."""
    rules = rules_of(place)
    for spoken in [_spoken(asked) for asked in languages or languages_of(rules)]:
        for name, words in clips_needed(rules, spoken).items():
            # rich would turn the tabs into spaces
            typer.echo(f"{spoken}/{name}.wav\t{words.text}\t{words.reading}".rstrip())


def _spoken(language: str) -> Spoken:
    for known in LANGUAGES:
        if language == known:
            return known
    raise typer.BadParameter(f"{language}: one of {', '.join(LANGUAGES)}")


def add(place: Place, file: Path, language: str, name: str, lang: str, *, folder: bool) -> None:
    """Take recordings as clips; ends the command with 1 when one could not be taken."""
    rules, spoken = rules_of(place), _spoken(language)
    if folder and (name or not file.is_dir()):
        raise typer.BadParameter("--folder takes a folder and no NAME")
    wrong = False
    for one in sorted(file.glob("*.[wW][aA][vV]")) if folder else [file]:
        known_as = name or one.stem
        try:
            into = _add(place, rules, spoken, one, known_as)
        except KeyError:
            wrong = True
            tell(say(lang, "sounds.unknown", file=one, name=known_as, spoken=spoken), wrong=True)
        except (RecordingError, OSError) as problem:
            wrong = True
            why = say(lang, f"sounds.found.{problem}", detail="") if _is_fault(problem) else problem
            tell(say(lang, "sounds.failed", place=one, why=why), wrong=True)
        else:
            tell(say(lang, "sounds.added", file=one, into=into))
    if wrong:
        raise typer.Exit(1)


def _is_fault(problem: Exception) -> bool:
    return str(problem) in {"silent", "short", "long"}


def _add(place: Place, rules: Rules, language: Spoken, file: Path, name: str) -> Path:
    """Write one clip; where. Raises KeyError for a name nobody knows, RecordingError, OSError."""
    words = words_of(rules, language, name)
    gain_db = Note.read(place.state / "sounds" / language).gain_db
    lufs = SENTENCE_LUFS + (USUAL_GAIN_DB if gain_db is None else gain_db)
    into = place.hall / "sounds" / language / f"{name}.wav"
    write_clip(into, making.recorded(file, words, lufs))
    return into
