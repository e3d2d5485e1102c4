"""`hallctl sounds build|check|list|add` and `hallctl say`: the clips of the hall's voice."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hallctl import service
from hallctl.cli.asking import HERE, HallOption, StateOption, err, out, place_of
from hallctl.cli.devices import LangOption
from hallctl.cli.speaking import say_call
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.core.rules import Rules, Spoken
from hallctl.core.speech import clips_needed, languages_of, words_of
from hallctl.device import driver_class
from hallctl.service import Place
from hallctl.texts import say
from hallctl.voice import making
from hallctl.voice.checking import Flaw, check
from hallctl.voice.clips import LANGUAGES, Library
from hallctl.voice.made import Note
from hallctl.voice.making import SENTENCE_LUFS, USUAL_GAIN_DB, Built
from hallctl.voice.shaping import RecordingError, write_clip
from hallctl.voice.speaking import SpeakingError

app = typer.Typer(
    no_args_is_help=True, help="The clips the hall's voice puts its calls together from."
)
speech = typer.Typer()
speech.command("say")(say_call)

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
        raise typer.Exit(service.EX_CONFIG) from None


def tell(words: str, *, wrong: bool = False) -> None:
    """A line, as it is."""
    (err if wrong else out).print(words, highlight=False, markup=False, soft_wrap=True)


@app.command(epilog="Ends with 1 when a clip could not be made, 69 when there is no espeak-ng.")
def build(
    hall: HallOption = HERE,
    state: StateOption = None,
    into: Annotated[Path | None, typer.Option(help="Folder. Default: STATE/sounds.")] = None,
    lang: LangOption = "zh",
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what went wrong.")] = False,
) -> None:
    """Make every clip this hall lacks, with the computer's voice; recordings are left alone."""
    place = place_of(hall, state)
    rules = rules_of(place)
    folder = (into or place.state / "sounds").resolve()
    library = Library((place.hall / "sounds", folder, service.sounds_folder()))
    try:
        built = _build(rules, library, folder, lang, quiet)
    except SpeakingError as problem:
        tell(say(lang, "sounds.no_voice", why=problem), wrong=True)
        raise typer.Exit(69) from None
    except OSError as problem:
        tell(say(lang, "sounds.no_disk", why=problem), wrong=True)
        raise typer.Exit(service.EX_IOERR) from None
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


@app.command("check", epilog="Ends with 1 when a call could not be said.")
def check_sounds(
    hall: HallOption = HERE, state: StateOption = None, lang: LangOption = "zh"
) -> None:
    """Say which clips are missing, cannot be played, are badly recorded or out of date."""
    place = place_of(hall, state)
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


@app.command("list")
def sheet(
    hall: HallOption = HERE,
    state: StateOption = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Which; default: all this hall speaks.")
    ] = None,
) -> None:
    """Print the recording sheet: file, words and reading of every clip, separated by tabs."""
    rules = rules_of(place_of(hall, state))
    for spoken in [_spoken(asked) for asked in language or languages_of(rules)]:
        for name, words in clips_needed(rules, spoken).items():
            # rich would turn the tabs into spaces
            typer.echo(f"{spoken}/{name}.wav\t{words.text}\t{words.reading}".rstrip())


def _spoken(language: str) -> Spoken:
    for known in LANGUAGES:
        if language == known:
            return known
    raise typer.BadParameter(f"{language}: one of {', '.join(LANGUAGES)}")


@app.command(epilog="Ends with 1 when a file could not be taken.")
def add(
    file: Annotated[Path, typer.Argument(help="A PCM WAV, any rate; with --folder their folder.")],
    language: Annotated[str, typer.Argument(help="mandarin, cantonese or english.")],
    name: Annotated[str, typer.Argument(help="The clip's name; default: the file's.")] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    folder: Annotated[
        bool, typer.Option("--folder", help="Take every WAV of a folder, named like the clips.")
    ] = False,
) -> None:
    """Take a recording as a clip: converted, trimmed, levelled, into HALL/sounds/LANGUAGE."""
    place = place_of(hall, state)
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
