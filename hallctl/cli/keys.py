"""`hallctl keys`: which programs on other computers may come in, and as what."""

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from hallctl import learning
from hallctl.cli.asking import HERE, HallOption, JsonOption, StateOption, err, kept_place, out
from hallctl.cli.devices import LangOption
from hallctl.client import HallClient
from hallctl.config.load import NETWORK
from hallctl.config.network_file import Network, address_of, network_of
from hallctl.config.reading import read
from hallctl.keyring import (
    KEY_MOST_BYTES,
    SUFFIX,
    Enrolled,
    HallKey,
    Keyring,
    KeyringError,
    check_address,
    check_name,
    fingerprint_of,
    z85_of,
)
from hallctl.place import Place
from hallctl.roles import Standing, standing_of
from hallctl.texts import say

app = typer.Typer(
    no_args_is_help=True, help="Keys of programs on other computers: who may come in, and as what."
)

NOTED_S = 5.0
"""How long a running hall may take to look at the registry; it does so each second."""
LATE: Final = 3
_IN_FILE: Final = re.compile(rb'public-key\s*=\s*"([^"\s]+)"')
_SECRET: Final = re.compile(rb'secret-key|"secret"')
NameArgument = Annotated[str, typer.Argument(help="What the program is called, such as window-3.")]
LATE_WORDS = f"Ends with {LATE} when a running hall did not take note within {NOTED_S:.0f} s."


@app.command()
def init(
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Make the hall's own keys, once. They stay in STATE/keys and never leave this computer."""
    place = kept_place(hall, state)
    with _in_words(lang, as_json=as_json):
        keyring = Keyring(place.keys)
        made = keyring.init()
        server = keyring.server_public
        mark = fingerprint_of(server)
        orphans = sum(e.revoked_s is None for e in keyring.entries()) if made else 0
    if as_json:
        _json({"ok": True, "made": made, "server": server.decode(), "fingerprint": mark})
        return
    _say(say(lang, "keys.made" if made else "keys.made_already", fingerprint=mark))
    if orphans:
        _say(say(lang, "keys.made_anew", n=orphans), style="yellow")
    with contextlib.suppress(KeyringError):
        if not _network(place.hall).listen:
            _say(say(lang, "keys.silent", path=place.hall / NETWORK), style="yellow")


@app.command(epilog=LATE_WORDS)
def enrol(
    name: NameArgument,
    role: Annotated[str, typer.Option(help="window:3, kiosk:kiosk-1, screen:hall, guide, web …")],
    hall: HallOption = HERE,
    state: StateOption = None,
    address: Annotated[
        str,
        typer.Option(
            help="Where the program reaches the hall, tcp://192.0.2.5:7700.",
            show_default="listen of network.yaml",
        ),
    ] = "",
    public_key: Annotated[
        str,
        typer.Option(
            help="A file with the public key of a pair the program made itself, or that key (Z85).",
            show_default="a pair is made",
        ),
    ] = "",
    into: Annotated[
        Path | None, typer.Option(help="Folder for NAME.hallkey.", show_default=".")
    ] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Let a program in, and write the one file it needs: NAME.hallkey."""
    place = kept_place(hall, state)
    with _in_words(lang, as_json=as_json):
        public = _public(public_key) if public_key else None
        standing = _standing(role)
        where = check_address(address or _address(place.hall))
        file = _file_for(check_name(name), into or Path()) if into or public is None else None
        keyring = Keyring(place.keys)
        key = keyring.enrol(name, standing, public, where)
        if file is not None:
            _write(key, file, keyring, lang)
        noted = _noted(place, keyring)
    if as_json:
        _json({"ok": True, **_told(key), "file": str(file or ""), "noted": noted})
    else:
        _say_enrolled(key, file, lang)
        _say_noted(noted, lang)
    raise typer.Exit(LATE if noted == "late" else 0)


@app.command(epilog=LATE_WORDS)
def revoke(
    name: NameArgument,
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Shut a program out, at once and for good. Its name may be enrolled anew, with a new key."""
    place = kept_place(hall, state)
    with _in_words(lang, as_json=as_json):
        keyring = Keyring(place.keys)
        gone = keyring.revoke(name)
        noted = _noted(place, keyring)
    if as_json:
        _json({"ok": True, **_entry(gone), "noted": noted})
    else:
        _say(say(lang, "keys.revoked", name=name, fingerprint=gone.fingerprint))
        _say_noted(noted, lang)
    raise typer.Exit(LATE if noted == "late" else 0)


@app.command("list")
def list_keys(
    hall: HallOption = HERE,
    state: StateOption = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Show who is enrolled, as what and since when, and who was once."""
    with _in_words(lang, as_json=as_json):
        keyring = Keyring(kept_place(hall, state).keys)
        entries = sorted(keyring.entries(), key=lambda e: e.revoked_s is not None)
    if as_json:
        _json({"ok": True, "keys": [_entry(e) for e in entries]})
        return
    if not entries:
        _say(say(lang, "keys.none"))
        return
    columns = [say(lang, f"keys.col_{c}") for c in ("name", "role", "fingerprint", "since")]
    table = Table(*columns, say(lang, "keys.col_revoked"), box=None, pad_edge=False)
    for entry in entries:
        told = [entry.name, str(entry.standing), entry.fingerprint, _time(entry.enrolled_s)]
        style = "" if entry.revoked_s is None else "dim"
        table.add_row(*map(Text, told), _time(entry.revoked_s), style=style)
    out.print(table)


def _told(key: HallKey) -> dict[str, Any]:
    """A fresh key as JSON holds it, which is what of it anybody may know."""
    return {
        "name": key.name,
        "role": str(key.standing),
        "fingerprint": fingerprint_of(key.public),
        "public": key.public.decode(),
        "server": key.server.decode(),
        "address": key.address,
    }


def _say_enrolled(key: HallKey, file: Path | None, lang: str) -> None:
    """Who is enrolled now, and what the program needs."""
    found = {"name": key.name, "role": key.standing, "fingerprint": fingerprint_of(key.public)}
    _say(say(lang, "keys.enrolled", **found))
    if file is None:
        _say(say(lang, "keys.tell"))
        _say("  " + say(lang, "keys.tell_address", address=key.address))
        _say("  " + say(lang, "keys.tell_server", server=key.server.decode()))
        return
    _say(say(lang, "keys.written", path=file, name=key.name))
    if file.stat().st_mode & 0o077:
        _say(say(lang, "keys.written_open", path=file), style="yellow")


@contextlib.contextmanager
def _in_words(lang: str, *, as_json: bool) -> Iterator[None]:
    """What went wrong, in words or for a program; ends the command with 1."""
    try:
        yield
    except KeyringError as problem:
        if as_json:
            words = {language: problem.words(language) for language in ("zh", "en")}
            _json({"ok": False, "code": problem.what, "words": words})
        else:
            err.print(problem.words(lang), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _json(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")


def _say(words: str, style: str = "") -> None:
    out.print(words, markup=False, highlight=False, soft_wrap=True, style=style)


def _entry(entry: Enrolled) -> dict[str, Any]:
    """An entry as JSON holds it."""
    return {
        "name": entry.name,
        "role": str(entry.standing),
        "fingerprint": entry.fingerprint,
        "public": entry.public.decode(),
        "enrolled_s": entry.enrolled_s,
        "revoked_s": entry.revoked_s,
    }


def _time(wall_s: float | None) -> str:
    """In this computer's time zone; "" for never."""
    if wall_s is None:
        return ""
    return datetime.fromtimestamp(wall_s, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _standing(role: str) -> Standing:
    try:
        return standing_of(role)
    except ValueError as problem:
        raise KeyringError("bad_role", problem=problem) from None


def _network(hall: Path) -> Network:
    """What network.yaml says, whatever the other files hold."""
    path = hall / NETWORK
    if not path.exists():
        return Network()
    tree = read(path)
    network = network_of(tree)
    if tree.problems:
        problems = "\n".join(map(str, sorted(set(tree.problems))))
        raise KeyringError("bad_network", path=path, problems=problems)
    return network


def _address(hall: Path) -> str:
    """Where network.yaml lets the hall be reached."""
    path, listen = hall / NETWORK, _network(hall).listen
    if not listen:
        raise KeyringError("no_listen", path=path)
    host, port = address_of(listen)
    if host in {"*", "0.0.0.0", "[::]", "::"}:  # noqa: S104 - told apart, not bound
        raise KeyringError("listen_everywhere", path=path, listen=listen, port=port)
    return f"tcp://{listen}"


def _public(given: str) -> bytes:
    """The public key of `--public-key`. No words of it are ever repeated."""
    path = Path(given)
    is_file = False
    with contextlib.suppress(OSError, ValueError):  # too long a name, say
        is_file = path.is_file()
    if not is_file:
        return z85_of(given)
    try:
        with path.open("rb") as file:
            raw = file.read(KEY_MOST_BYTES)
    except OSError as problem:
        raise KeyringError("unreadable", path=given, problem=problem.strerror) from None
    if _SECRET.search(raw):
        raise KeyringError("key_secret", path=path)
    in_file = _IN_FILE.search(raw)
    return z85_of(in_file[1] if in_file else raw.strip())


def _file_for(name: str, into: Path) -> Path:
    """Where the key will be written; refused before anything is enrolled."""
    file = into.resolve() / f"{name}{SUFFIX}"
    if file.exists():
        raise KeyringError("file_there", path=file)
    if not (into.is_dir() and os.access(into, os.W_OK | os.X_OK)):
        problem = "Permission denied" if into.is_dir() else "No such folder"
        raise KeyringError("unwritable", path=file, problem=problem)
    return file


def _write(key: HallKey, file: Path, keyring: Keyring, lang: str) -> None:
    """Write a fresh key; one that could not be written shall not stay enrolled."""
    try:
        key.write(file)
    except KeyringError:
        keyring.revoke(key.name)
        words = say(lang, "keys.file_failed", name=key.name)
        err.print(words, markup=False, highlight=False, soft_wrap=True)
        raise


def _noted(place: Place, keyring: Keyring) -> str:
    """Whether a running hall knows the registry as it is: alone, noted, deaf, unasked, late."""
    if not learning.holder(place.state):
        return "alone"
    until_s = time.monotonic() + NOTED_S
    client = HallClient(place.bus, "technician", "cli", follow=False)
    try:
        while (left_s := until_s - time.monotonic()) > 0:
            answer = client.wait(client.ask_status(), left_s)
            known: dict[str, Any] = {"keys_digest": None}
            if answer is not None and answer.ok:
                known = answer.result
            if "keys_digest" not in known:
                return "unasked"
            keyring.refresh()  # somebody else may have changed it since
            if known["keys_digest"] == keyring.digest:
                return "noted" if known.get("bus", {}).get("listening") else "deaf"
            time.sleep(0.1)
    finally:
        client.close()
    return "late"


def _say_noted(noted: str, lang: str) -> None:
    style = "" if noted in {"noted", "alone"} else "yellow"
    _say(say(lang, f"keys.{noted}", s=f"{NOTED_S:.0f}"), style=style)
