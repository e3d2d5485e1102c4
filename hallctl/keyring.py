"""Who may come in from the network: the hall's own key pair, and the keys it has enrolled.

STATE/keys (0700) holds `server.json` (the hall's CURVE pair) and `registry.json` (who is enrolled),
0600 each. Of a program's key pair the keyring keeps the public half only; its secret half goes into
the program's own `NAME.hallkey` and nowhere else. A registry that cannot be read lets nobody in.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import zmq
from zmq.utils import z85

from hallctl.privately import follow_owner, make_private_folder, write_privately
from hallctl.roles import Standing, standing_of
from hallctl.texts import say

VERSION: Final = 1
SUFFIX: Final = ".hallkey"
LOCK_S: Final = 10.0
RAW_BYTES, Z85_BYTES = 32, 40
KEY_MOST_BYTES: Final = 4096
REGISTRY_MOST_BYTES: Final = 1 << 20
LAST_S: Final = 250_000_000_000.0  # of unix time: beyond it there are no dates to show
PORT_MOST: Final = 65_535
SECRET, LIST = 0o077, 0o022  # others may do nothing with a file, or not change it
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_ADDRESS: Final = re.compile(r"tcp://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):([0-9]{1,5})")


class KeyringError(ValueError):
    """What is wrong with a key or the keyring, and what to do; never with anything secret in it.

    `what` names the text `keys.<what>`; the error itself reads as its English words.
    """

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(say("en", f"keys.{what}", **values))
        self.what = what
        self._values = values

    def words(self, language: str) -> str:
        """The same in another language."""
        return say(language, f"keys.{self.what}", **self._values)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A key that was enrolled: whose, for what, since when (unix seconds), and revoked when."""

    name: str
    standing: Standing
    public: bytes
    enrolled_s: float
    revoked_s: float | None = None

    @property
    def fingerprint(self) -> str:
        """Of the public key, as `fingerprint_of`."""
        return fingerprint_of(self.public)


@dataclass(frozen=True, slots=True)
class HallKey:
    """What a program needs to come in: NAME.hallkey. All keys are Z85.

    `secret` is b"" where the program made its own pair and keeps its secret to itself.
    """

    name: str
    standing: Standing
    address: str
    server: bytes
    public: bytes
    secret: bytes = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: Path) -> "HallKey":
        """A key file. Raises KeyringError saying what is wrong with it and what to do."""
        raw = _kept(path, KEY_MOST_BYTES, "key", SECRET)
        found = _object(raw, path, "hallctl-key", "key")
        key = None
        with contextlib.suppress(ValueError, TypeError, AttributeError, KeyError):
            secret = z85_of(found["secret"]) if found["secret"] else b""
            standing, address = standing_of(found["role"]), check_address(found["address"])
            halves = z85_of(found["server"]), z85_of(found["public"]), secret
            key = cls(check_name(found["name"]), standing, address, *halves)
        if key is None or (key.secret and zmq.curve_public(key.secret) != key.public):
            raise KeyringError("key_damaged", path=path)
        if not key.secret:
            raise KeyringError("key_without_secret", path=path)
        return key

    def write(self, path: Path) -> None:
        """Keep it in a file that only its owner may read. Raises KeyringError."""
        keys = {"server": self.server, "public": self.public, "secret": self.secret}
        body = {"name": self.name, "role": str(self.standing), "address": self.address}
        _save(path, "hallctl-key", body | {key: half.decode() for key, half in keys.items()})


class Keyring:
    """The keys of one hall, in `folder`. `wall` is the time of day in unix seconds.

    Making one never raises: a daemon calls `refresh` each tick, and `problem` is why nobody gets
    in. All other methods raise KeyringError. One object belongs to one thread; several processes
    may change the same folder, each waits for the other.
    """

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.registry = folder / "registry.json"
        self.server = folder / "server.json"
        self.problem: KeyringError | None = None
        """Why nobody may come in; None when the registry is in order."""
        self.digest = ""
        """First 16 hex digits of the sha256 of the registry's bytes; "" when it cannot be read."""
        self._wall = wall
        self._entries: tuple[Enrolled, ...] = ()
        self._living: dict[bytes, Enrolled] = {}
        self._seen: object = None
        self.refresh()

    def init(self) -> bool:
        """Make the hall's key pair, and an empty registry where there is none.

        False when both were there already: what is there is never replaced.
        """
        with self._locked(make=True):
            made = not self.registry.exists()
            if made:
                self._write(())
            self._entries_of(self._raw())
            if not self.server.exists():
                public, secret = (half.decode() for half in zmq.curve_keypair())
                _save(self.server, "hallctl-server", {"public": public, "secret": secret})
                made = True
            self._pair()
        self.refresh()
        return made

    @property
    def server_public(self) -> bytes:
        """The hall's public key (Z85), which each program must know."""
        return self._pair()[0]

    @property
    def server_secret(self) -> bytes:
        """The hall's secret key (Z85)."""
        return self._pair()[1]

    def enrol(
        self, name: str, standing: Standing, public_key: bytes | None, address: str
    ) -> HallKey:
        """Let a program in as `standing`. Without its public key a pair is drawn for it.

        The secret of a drawn pair is in the HallKey alone.
        """
        check_name(name)
        check_address(address)
        if public_key is None:
            public, secret = zmq.curve_keypair()
        else:
            public, secret = z85_of(public_key), b""
        server = self.server_public
        if public == server:
            raise KeyringError("key_is_server")
        with self._locked():
            entries = self._entries_of(self._raw())
            for entry in entries:
                if entry.name == name and entry.revoked_s is None:
                    raise KeyringError("taken", name=name, role=entry.standing)
                if entry.public == public:
                    what = "key_known" if entry.revoked_s is None else "key_revoked"
                    raise KeyringError(what, name=entry.name)
            self._write((*entries, Enrolled(name, standing, public, self._wall())))
        self.refresh()
        return HallKey(name, standing, address, server, public, secret)

    def revoke(self, name: str) -> Enrolled:
        """Shut a key out from now on; gives its entry."""
        with self._locked():
            entries = self._entries_of(self._raw())
            living = [e for e in entries if e.revoked_s is None]
            mine = next((e for e in living if e.name == name), None)
            if mine is None:
                known = ", ".join(e.name for e in living) or "-"
                gone = any(e.name == name for e in entries)
                raise KeyringError("revoked_already" if gone else "unknown", known=known)
            revoked = replace(mine, revoked_s=self._wall())
            self._write(tuple(revoked if e is mine else e for e in entries))
        self.refresh()
        return revoked

    def entries(self) -> tuple[Enrolled, ...]:
        """All keys ever enrolled, the oldest first."""
        if self.problem is not None:
            raise self.problem.with_traceback(None)
        return self._entries

    def find(self, public: bytes) -> Enrolled | None:
        """Whose key it is, as Z85 or as the 32 bytes ZAP gives; None for one not to be let in."""
        return self._living.get(z85.encode(public) if len(public) == RAW_BYTES else public)

    def refresh(self) -> bool:
        """Look at the registry again if its file changed; whether anything is different now.

        Never raises: what cannot be read lets nobody in and stands in `problem`.
        """
        seen: object
        try:
            at = self.registry.stat()
            seen = (at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino)
        except OSError as problem:
            seen = problem.errno
        if seen == self._seen:
            return False
        before = (self.digest, str(self.problem))
        self._seen = seen
        self._entries, self.problem, self.digest = (), None, ""
        try:
            raw = self._raw()
            self.digest = hashlib.sha256(raw).hexdigest()[:16]
            self._entries = self._entries_of(raw)
        except KeyringError as problem:
            self.problem = problem
        self._living = {e.public: e for e in self._entries if e.revoked_s is None}
        return before != (self.digest, str(self.problem))

    def _raw(self) -> bytes:
        """The registry as its file has it now."""
        try:
            return _kept(self.registry, REGISTRY_MOST_BYTES, "registry", LIST)
        except KeyringError as problem:
            if problem.what == "registry_missing" and not self.server.is_file():
                raise KeyringError("not_made", folder=self.folder) from None
            raise

    def _entries_of(self, raw: bytes) -> tuple[Enrolled, ...]:
        found = _object(raw, self.registry, "hallctl-keyring", "registry").get("keys")
        entries = tuple(map(_entry, found)) if isinstance(found, list) else (None,)
        kept = [e for e in entries if e is not None]
        living = [e.name for e in kept if e.revoked_s is None]
        doubled = len(set(living)) < len(living) or len({e.public for e in kept}) < len(kept)
        if len(kept) < len(entries) or doubled:
            raise KeyringError("registry_damaged", path=self.registry)
        return tuple(kept)

    def _write(self, entries: tuple[Enrolled, ...]) -> None:
        keys = [
            {**asdict(e), "standing": str(e.standing), "public": e.public.decode()} for e in entries
        ]
        _save(self.registry, "hallctl-keyring", {"keys": keys})

    def _pair(self) -> tuple[bytes, bytes]:
        """Public and secret key of the hall."""
        raw = _kept(self.server, KEY_MOST_BYTES, "server", SECRET)
        found = _object(raw, self.server, "hallctl-server", "server")
        pair = None
        with contextlib.suppress(ValueError):
            pair = z85_of(found.get("public")), z85_of(found.get("secret"))
        if pair is None or zmq.curve_public(pair[1]) != pair[0]:
            raise KeyringError("server_damaged", path=self.server)
        return pair

    @contextlib.contextmanager
    def _locked(self, *, make: bool = False) -> Iterator[None]:
        """Alone in the folder, against other processes too."""
        path = self.folder / "lock"
        with _writing(path):
            if not make and not self.folder.is_dir():
                raise KeyringError("not_made", folder=self.folder)
            if make:
                self.folder.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
                make_private_folder(self.folder)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with _writing(path):
                follow_owner(lock, self.folder)
            until_s = time.monotonic() + LOCK_S
            while not _taken(lock):
                if time.monotonic() > until_s:
                    raise KeyringError("busy", path=path)
                time.sleep(0.02)
            yield
        finally:
            os.close(lock)


def fingerprint_of(public: bytes) -> str:
    """The first 16 hex digits of the sha256 of the key's Z85 text, for people to compare."""
    return hashlib.sha256(public).hexdigest()[:16]


def check_name(name: str) -> str:
    """A key's name. Raises KeyringError with what would be right."""
    if not _NAME.fullmatch(name):
        raise KeyringError("bad_name")
    return name


def check_address(address: str) -> str:
    """Where the hall is reached, `tcp://192.0.2.5:7700`. Raises KeyringError."""
    found = _ADDRESS.fullmatch(address)
    nowhere = found is None or found[1] in {"0.0.0.0", "[::]"}  # noqa: S104 - refused here
    if found is None or nowhere or not 0 < int(found[2]) <= PORT_MOST - 2:  # events: two ports more
        raise KeyringError("bad_address")
    return address


def z85_of(key: object) -> bytes:
    """A CURVE key as Z85 of 32 bytes. Raises KeyringError, which never repeats the key."""
    found = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    raw = b""
    if isinstance(found, bytes) and len(found) == Z85_BYTES:
        with contextlib.suppress(ValueError, KeyError, struct.error):
            raw = z85.decode(found)
    if not isinstance(found, bytes) or not any(raw):
        raise KeyringError("bad_key")
    return found


def _entry(found: object) -> Enrolled | None:
    """An entry of the registry; None for what is none."""
    if not isinstance(found, dict) or set(found) != set(Enrolled.__slots__):
        return None
    times = [found["enrolled_s"], *([] if found["revoked_s"] is None else [found["revoked_s"]])]
    if any(type(s) not in {int, float} or not 0 <= s <= LAST_S for s in times):
        return None
    try:
        name, standing = check_name(found["name"]), standing_of(found["standing"])
        return Enrolled(name, standing, z85_of(found["public"]), *times)
    except (ValueError, TypeError, AttributeError):
        return None


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _save(path: Path, mark: str, body: dict[str, Any]) -> None:
    with _writing(path):
        write_privately(path, json.dumps({mark: VERSION, **body}, indent=1) + "\n")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """What the disk says against it, in words."""
    try:
        yield
    except OSError as problem:
        raise KeyringError("unwritable", path=path, problem=problem.strerror) from None


def _kept(path: Path, most: int, kind: str, closed: int) -> bytes:
    """A file's bytes. Raises KeyringError: missing, unreadable, open to others, or too long."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            at = os.fstat(file)
            if not stat.S_ISREG(at.st_mode) or at.st_size > most:
                raise KeyringError("key_strange" if kind == "key" else f"{kind}_damaged", path=path)
            if at.st_mode & closed:
                raise KeyringError("open", path=path)
            return os.read(file, most)
        finally:
            os.close(file)
    except FileNotFoundError:
        what = "not_made" if kind == "server" else f"{kind}_missing"
        raise KeyringError(what, path=path, folder=path.parent) from None
    except OSError as problem:
        raise KeyringError("unreadable", path=path, problem=problem.strerror) from None


def _object(raw: bytes, path: Path, mark: str, kind: str) -> dict[str, Any]:
    """The JSON object marked as `mark` of a version known here. Raises KeyringError."""
    found: object = None
    with contextlib.suppress(ValueError, RecursionError):  # the words of json would show the file
        found = json.loads(raw)
    version = found.get(mark) if isinstance(found, dict) else None
    if type(version) is int and version > VERSION:
        raise KeyringError("newer", path=path)
    if not isinstance(found, dict) or version != VERSION:
        ours = kind != "key" or not raw.strip() or mark.encode() in raw
        raise KeyringError(f"{kind}_damaged" if ours else "key_strange", path=path)
    return found
