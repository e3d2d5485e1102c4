"""`hallctl backup`, `restore`, `export`, `purge`: the journal kept, brought back, taken away."""

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress

from hallctl.backups import copying, exporting, noting, purging
from hallctl.backups.looking import Found, Told
from hallctl.backups.planning import Plan, plan
from hallctl.backups.restoring import Restored
from hallctl.backups.restoring import restore as restore_from
from hallctl.backups.trouble import BackupError
from hallctl.chain import JournalError
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, err, kept_place, out
from hallctl.cli.devices import LangOption
from hallctl.journal import StateInUse
from hallctl.place import EX_INUSE
from hallctl.texts import say

app = typer.Typer()

KEEP = 30
KIB = 1 << 10
OTHERS = 0o077


@app.command()
def backup(
    hall: HallOption = HERE,
    state: StateOption = None,
    into: Annotated[
        Path | None,
        typer.Option(help="Folder for it, such as a stick.", show_default="STATE/backups"),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=1, help="How many of this hall's backups stay there.")
    ] = KEEP,
    nightly: Annotated[
        bool, typer.Option("--nightly", help="A failure is told by `hallctl health`: the timer's.")
    ] = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Copy the journal, while the hall runs or not, and verify every event of the copy."""
    place = kept_place(hall, state)
    with _in_words(lang, as_json=as_json), _noted(place.state, nightly=nightly):
        with _progress() as told:
            made = copying.backup(place.state, into, keep, told=told)
        noting.note_good(place.state, made.file)
    if as_json:
        body = {"file": str(made.file), **_found(made.found), "deleted": list(map(str, made.gone))}
        _json({"ok": True, **body, "took_s": round(made.took_s, 3)})
        return
    _say(say(lang, "backup.made", file=made.file))
    kib = made.file.stat().st_size // KIB
    words = {**_words_of(made.found), "kib": kib, "s": f"{made.took_s:.1f}"}
    _say(say(lang, "backup.made_of", **words))
    if made.gone:
        _say(say(lang, "backup.thinned", n=len(made.gone), keep=keep))
    if made.file.stat().st_dev == place.state.stat().st_dev:
        _say(say(lang, "backup.same_disk"), style="yellow")
    if made.file.stat().st_mode & OTHERS:
        _say(say(lang, "backup.file_open"), style="yellow")


@app.command(epilog=f"Ends with 1 when FILE is not sound, {EX_INUSE} while the hall runs.")
def restore(
    file: Annotated[
        Path, typer.Argument(help="A backup, or the journal.db of a folder put aside.")
    ],
    hall: HallOption = HERE,
    state: StateOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Verify and tell what would happen; change nothing.")
    ] = False,
    above: Annotated[
        list[str] | None,
        typer.Option(help="The last number on paper, A057, where the hall cannot know; repeat it."),
    ] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Go on from a backup. The present journal is put aside; numbers go on above those on paper."""
    place = kept_place(hall, state)
    done: Restored | None = None
    with _in_words(lang, as_json=as_json), _progress() as told:
        if dry_run:
            planned = plan(place.state, file.resolve(), above or (), told=told)
        else:
            done = restore_from(place.state, file.resolve(), above or (), told=told)
            planned = done.plan
    if as_json:
        _json({"ok": True, "dry_run": dry_run, **_plan(planned), **_done(done)})
        return
    _say_plan(planned, lang)
    if done is None:
        if planned.holder:
            _say(say(lang, "backup.running", pid=planned.holder), style="yellow")
        _say(say(lang, "backup.would"))
        return
    _say(say(lang, "backup.restored", seq=planned.backup.seq + 1))
    if done.aside is not None:
        _say(say(lang, "backup.aside", folder=done.aside))


@app.command()
def export(
    day: Annotated[
        str, typer.Argument(help='A date (2026-11-24), or "today": the latest day.')
    ] = "",
    hall: HallOption = HERE,
    state: StateOption = None,
    every: Annotated[bool, typer.Option("--all", help="All days.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet; the usual.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    into: Annotated[Path, typer.Option(help="Folder for the files.", show_default=".")] = Path(),
    lang: LangOption = "zh",
) -> None:
    """Write events and visits into two files. No hash of a card, no age and no grade is in them."""
    with _in_words(lang, as_json=False):
        if bool(day) == every or (csv and as_json):
            raise BackupError("which_day")
        wanted = exporting.ALL if every else day
        state_folder = kept_place(hall, state).state
        written = exporting.export(state_folder, wanted, into.resolve(), as_json=as_json)
    _say(
        say(
            lang,
            "backup.exported",
            events=written.events,
            events_file=written.events_file,
            visits=written.visits,
            visits_file=written.visits_file,
        )
    )


@app.command()
def purge(
    older_than: Annotated[int, typer.Option(min=1, help="Days.")],
    hall: HallOption = HERE,
    state: StateOption = None,
    into: Annotated[
        Path | None,
        typer.Option(help="Folder of backups elsewhere.", show_default="STATE/backups"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell; delete nothing.")] = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Delete card keys of past days, and backups and journals put aside that are old enough."""
    with _in_words(lang, as_json=as_json):
        gone = purging.purge(kept_place(hall, state).state, older_than, into, dry_run=dry_run)
    if as_json:
        files = list(map(str, gone.files))
        counts = {"hashes": gone.hashes, "days": gone.hash_days, "traceable": gone.traceable}
        told = {"before": gone.before, "key_day": gone.key_day, "files": files, **counts}
        _json({"ok": True, "dry_run": dry_run, **told})
        return
    if gone.files or gone.key_day:
        _say(say(lang, "backup.would_purge" if dry_run else "backup.purged", before=gone.before))
    else:
        _say(say(lang, "backup.purge_nothing", before=gone.before))
    if gone.key_day:
        _say("  " + say(lang, "backup.purge_key", day=gone.key_day))
    for path in gone.files:
        _say(f"  {path}")
    live = {"n": gone.hashes, "days": gone.hash_days, "live": gone.traceable}
    _say(say(lang, "backup.hashes", **live) if gone.hashes else say(lang, "backup.hashes_none"))


def _say_plan(planned: Plan, lang: str) -> None:
    """What a restore does, or would: what is kept, what is lost, where numbers go on."""
    backup, present = planned.backup, planned.present
    _say(say(lang, "backup.holds", **_words_of(backup)))
    if present.problem:
        _say(say(lang, "backup.present_bad", problem=present.problem), style="yellow")
    elif present.found is None:
        _say(say(lang, "backup.present_none"))
    else:
        _say(say(lang, "backup.present", **_words_of(present.found)))
        _say_lost(planned, lang)
    beyond = planned.beyond()
    labels = " ".join(a if a == b else f"{a}-{b}" for a, b in beyond.values())
    if labels:
        _say(say(lang, "backup.beyond", labels=labels), style="yellow")
    elif planned.marked:
        _say(say(lang, "backup.beyond_none"))
    if not planned.marked:
        _say(say(lang, "backup.unknown_paper"), style="yellow")
    tops = " ".join(backup.label(q, n) for q, n in planned.above.items())
    if tops:
        _say(say(lang, "backup.go_above", day=planned.day, labels=tops))


def _say_lost(planned: Plan, lang: str) -> None:
    present, zone = planned.present, planned.backup.timezone
    assert present.found is not None
    if present.found.seq and not present.common:
        _say(say(lang, "backup.foreign"), style="yellow")
    if present.lost:
        span = {
            "from_at": _time(present.first_lost_s, zone),
            "to_at": _time(present.found.at_s, zone),
        }
        _say(say(lang, "backup.lost", n=present.lost, **span), style="yellow")
    else:
        _say(say(lang, "backup.nothing_lost"))


@contextlib.contextmanager
def _in_words(lang: str, *, as_json: bool) -> Iterator[None]:
    """What went wrong, in words or for a program; ends with 1, or 75 while a hall runs."""
    try:
        yield
    except StateInUse as problem:
        _failed(BackupError("in_use", problem=problem), lang, as_json=as_json)
        raise typer.Exit(EX_INUSE) from None
    except JournalError as problem:
        _failed(_of_journal(problem), lang, as_json=as_json)
        raise typer.Exit(1) from None
    except BackupError as problem:
        _failed(problem, lang, as_json=as_json)
        raise typer.Exit(1) from None


def _failed(problem: BackupError, lang: str, *, as_json: bool) -> None:
    if as_json:
        words = {language: problem.words(language) for language in ("zh", "en")}
        _json({"ok": False, "code": problem.what, "words": words})
    else:
        err.print(problem.words(lang), markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def _noted(state: Path, *, nightly: bool) -> Iterator[None]:
    """What went wrong at night is kept for whoever asks in the morning."""
    try:
        yield
    except (BackupError, JournalError) as problem:
        if nightly:
            told = problem if isinstance(problem, BackupError) else _of_journal(problem)
            noting.note_failed(state, told.what, told.words("zh"), told.words("en"))
        raise


def _of_journal(problem: JournalError) -> BackupError:
    return BackupError("journal", problem=problem)


@contextlib.contextmanager
def _progress() -> Iterator[Told]:
    """A bar on a terminal, gone when it is done; nothing elsewhere."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _time(at_s: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(at_s, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" if at_s else "-"


def _words_of(found: Found) -> dict[str, object]:
    return {
        "hall": found.hall or "-",
        "day": found.day or "-",
        "seq": found.seq,
        "at": _time(found.at_s, found.timezone),
        "tickets": found.tickets,
    }


def _found(found: Found) -> dict[str, Any]:
    """A journal as JSON holds it."""
    names = ("hall", "day", "seq", "at_s", "epoch", "head", "tickets", "numbers")
    return {name: getattr(found, name) for name in names}


def _plan(planned: Plan) -> dict[str, Any]:
    present = planned.present
    return {
        "backup": _found(planned.backup),
        "present": _found(present.found) if present.found else None,
        "problem": present.problem,
        "common": present.common,
        "lost": present.lost,
        "day": planned.day,
        "above": planned.above,
        "beyond": planned.beyond(),
        "marked": planned.marked,
        "holder": planned.holder,
    }


def _done(done: Restored | None) -> dict[str, Any]:
    if done is None:
        return {}
    return {"now": _found(done.now), "aside": str(done.aside or "")}


def _json(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")


def _say(words: str, style: str = "") -> None:
    out.print(words, markup=False, highlight=False, soft_wrap=True, style=style)
