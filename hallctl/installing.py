"""Puts hallctl into a machine, so that systemd runs it: what there is to do, and doing it.

`Installing` looks at the machine and answers a list of steps, changing nothing; only steps that
change something are *due*, so on a machine that has it all none is. A hall's own files are never
written over. With a `root` other than / it is an image that is filled: nothing is run, for systemd
makes users and folders at its first start.
"""

import os
import pwd
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from hallctl.texts import say

BIN_IN_UNITS: Final = "/opt/hallctl/bin/"
"""Where the packaged units say the programs lie; the true place takes its place."""
HALL: Final = "etc/hallctl"
STATE: Final = "var/lib/hallctl"
SCREENS: Final = f"{HALL}/screens"
UNITS: Final = "etc/systemd/system"
WANTS: Final = f"{UNITS}/multi-user.target.wants"
TIMERS: Final = f"{UNITS}/timers.target.wants"
COMMAND: Final = "usr/local/bin/hallctl"
HALL_FILES: Final = ("hall.yaml", "catalogue.yaml", "devices.yaml", "network.yaml")
_TIMED: Final = (".service", ".timer")
_EXAMPLES: Final = ("backup", "purge", "http-public")
DAEMON, HTTP, DISPLAY = "hallctl.service", "hallctl-http.service", "hallctl-display.service"
SCREEN = "hallctl-screen@.service"
PUBLIC = "hallctl-http-public.service"
NIGHTLY: Final = ("hallctl-backup", "hallctl-purge")
"""What a timer starts."""
PLACES: Final = {
    **{unit: f"{UNITS}/{unit}" for unit in (DAEMON, HTTP, PUBLIC, DISPLAY, SCREEN)},
    **{f"{name}{kind}": f"{UNITS}/{name}{kind}" for name in NIGHTLY for kind in _TIMED},
    "hallctl-kiosk-session": "usr/local/libexec/hallctl-kiosk-session",
    "hallctl.sysusers": "etc/sysusers.d/hallctl.conf",
    "hallctl.tmpfiles": "etc/tmpfiles.d/hallctl.conf",
    "60-hallctl.rules": "etc/udev/rules.d/60-hallctl.rules",
    "screen.conf.example": f"{SCREENS}/screen.conf.example",
    **{f"{name}.conf.example": f"{HALL}/{name}.conf.example" for name in _EXAMPLES},
}
"""Which packaged file goes where, beneath the root."""
THEIRS: Final = tuple(name for name in PLACES if name.endswith(".example"))
"""What an uninstall leaves, for it lies among a hall's own files."""
PROGRAMS: Final = ("hallctl", "hallctl-screen")
HIDDEN: Final = (
    "/home",
    pwd.getpwuid(0).pw_dir,
    "/run/user",
    "/tmp",  # noqa: S108 - nothing is put there
    "/var/tmp",  # noqa: S108
)
"""What ProtectHome and PrivateTmp hide from the services; the second is root's home."""
RUN_S: Final = 300.0
_PLAIN_PATH = re.compile(r"[^\s%\"'\\$;]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")

Kind = Literal["new", "renew", "copy", "keep", "enable", "command", "remove", "run"]


class InstallError(Exception):
    """It cannot be installed so; `what` is the key of its text, `install.<what>`."""

    def __init__(self, what: str, **values: object) -> None:
        self.what = what
        self.values = values
        super().__init__(self.words("en"))

    def words(self, language: str) -> str:
        """Why not, and what to do."""
        return say(language, f"install.{self.what}", **self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. `at` is a path on the machine, or the unit that `run` is about."""

    kind: Kind
    at: str
    content: bytes = b""
    mode: int = 0o644
    source: str = ""
    run: tuple[str, ...] = ()
    why: str = ""
    is_due: bool = True

    def words(self, language: str) -> str:
        """What it does, as a person reads it before saying yes."""
        key = f"install.run_{self.why}" if self.kind == "run" else f"install.{self.kind}"
        return say(language, key, at=self.at, source=self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be installed where.

    `hall` is the folder with a hall's files, None for the packaged example; `programs` where
    `hallctl` and `hallctl-screen` lie; the others say what this machine is to do.
    """

    root: Path = Path("/")
    hall: Path | None = None
    programs: Path = field(default_factory=lambda: Path(sys.executable).parent)
    http: bool = False
    http_public: bool = False
    screens_only: bool = False


def packaged(name: str) -> Path:
    """A folder of packaged files: beside the packages, or where the wheel puts shared files."""
    beside = Path(__file__).parent.parent
    if name == "hall":
        return beside if (beside / "hall.yaml").is_file() else _shared() / "hall"
    return beside / name if (beside / name / DAEMON).is_file() else _shared() / name


def _shared() -> Path:
    return Path(sys.prefix) / "share/hallctl"


class Installing:
    """Looks at a machine. `is_active` says whether a unit runs; asked on a real machine only."""

    def __init__(self, wanted: Wanted, is_active: Callable[[str], bool] | None = None) -> None:
        self._wanted = wanted
        self._root = wanted.root
        self._is_active = is_active or _is_active
        self._is_real = wanted.root == Path("/")

    def steps(self) -> list[Step]:
        """All steps of an install, in order, those not due too. Raises InstallError."""
        self._may()
        self._check_programs()
        files = [*self._files()]
        links = [*self._links()]
        changed = {step.at for step in (*files, *links) if step.is_due}
        started = [*self._started(changed)]
        reloaded = self._reloaded(changed, always=bool(started))
        return [*files, *self._readied(changed), *links, *reloaded, *started]

    def removal(self) -> list[Step]:
        """All steps of an uninstall; the hall's files, its state and the users stay."""
        self._may()
        links = [*sorted(self._at(TIMERS).glob("hallctl-*.timer")),
                 *sorted(self._at(WANTS).glob("hallctl*.service"))]  # fmt: skip
        running = [*(path.name for path in links), *(f"{name}.service" for name in NIGHTLY)]
        units = [*dict.fromkeys([*running, HTTP, PUBLIC, DAEMON, DISPLAY])]
        steps = [
            _run("stop", unit, "systemctl", "stop", unit)
            for unit in units
            if self._is_real and self._is_active(unit)
        ]
        steps += [self._removal(path) for path in links]
        own = [self._at(place) for name, place in PLACES.items() if name not in THEIRS]
        command = self._at(COMMAND)
        if command.is_symlink() and command.readlink() == self._wanted.programs / "hallctl":
            own.append(command)
        steps += [self._removal(path) for path in own if path.is_file() or path.is_symlink()]
        gone = {step.at for step in steps if step.kind == "remove"}
        return [*steps, *self._udev(gone), *self._reloaded(gone)]

    # What must be so before anything is looked at.

    def _may(self) -> None:
        if not self._is_real:
            if not self._root.is_dir():
                raise InstallError("no_root", path=self._root)
            return
        if os.geteuid() != 0:
            raise InstallError("not_root", command=self._wanted.programs / "hallctl")
        if not Path("/run/systemd/system").is_dir():
            raise InstallError("no_systemd")

    def _check_programs(self) -> None:
        folder = self._wanted.programs
        for name in PROGRAMS:
            if not os.access(folder / name, os.X_OK):
                raise InstallError("no_program", path=folder / name)
        if not _PLAIN_PATH.fullmatch(str(folder)):
            raise InstallError("bad_path", path=folder)
        if self._is_real:
            check_reachable([folder / "python", Path(sys.base_prefix), Path(__file__)])

    # The steps.

    def _files(self) -> Iterator[Step]:
        units = packaged("systemd")
        for name, place in PLACES.items():
            try:
                text = (units / name).read_text()
            except OSError as problem:
                raise InstallError("no_source", path=units / name) from problem
            text = text.replace(BIN_IN_UNITS, f"{self._wanted.programs}/")
            mode = 0o755 if text.startswith("#!") else 0o644
            yield self._write(place, text.encode(), mode)
        if not self._wanted.screens_only:
            yield from self._hall_files()

    def _write(self, place: str, content: bytes, mode: int) -> Step:
        path = self._at(place)
        if not path.is_file():
            return Step(kind="new", at=f"/{place}", content=content, mode=mode)
        is_due = path.read_bytes() != content or stat.S_IMODE(path.stat().st_mode) != mode
        return Step(kind="renew", at=f"/{place}", content=content, mode=mode, is_due=is_due)

    def _hall_files(self) -> Iterator[Step]:
        """The hall's files where there are none; its recordings likewise."""
        at = self._at(HALL)
        hall = self._wanted.hall or packaged("hall")
        if self._wanted.hall is None and (at / "hall.yaml").exists():
            hall = at  # it has its own: the example has nothing to add
        sources = [hall / name for name in HALL_FILES if (hall / name).is_file()]
        if self._wanted.hall is not None:
            sources += sorted(path for path in (hall / "sounds").rglob("*") if path.is_file())
        if not any(source.name == "hall.yaml" for source in sources):
            raise InstallError("no_hall", path=hall)
        for source in sources:
            place = f"{HALL}/{source.relative_to(hall)}"
            if self._at(place).exists():
                yield Step(kind="keep", at=f"/{place}", is_due=False)
            else:
                content = source.read_bytes()
                yield Step(kind="copy", at=f"/{place}", content=content, source=str(source))

    def _links(self) -> Iterator[Step]:
        """What starts with the machine, and what no longer does."""
        units = self._units()
        for unit in units:
            template = SCREEN if unit.startswith(SCREEN[: SCREEN.index("@")]) else unit
            place = f"{TIMERS if unit.endswith('.timer') else WANTS}/{unit}"
            link, target = self._at(place), f"/{UNITS}/{template}"
            is_due = not (link.is_symlink() and str(link.readlink()) == target)
            yield Step(kind="enable", at=f"/{place}", source=target, is_due=is_due)
        for link in sorted(self._at(WANTS).glob("hallctl-screen@*.service")):
            if link.name not in units:
                if self._is_real and self._is_active(link.name):
                    yield _run("stop", link.name, "systemctl", "stop", link.name)
                yield self._removal(link)
        command, target = self._at(COMMAND), str(self._wanted.programs / "hallctl")
        if not command.exists() and not command.is_symlink():
            yield Step(kind="command", at=f"/{COMMAND}", source=target)

    def _units(self) -> list[str]:
        """What this machine is to run."""
        units = [DAEMON, *(f"{name}.timer" for name in NIGHTLY)]
        if self._wanted.screens_only:
            units = []
        for unit, is_asked in ((HTTP, self._wanted.http), (PUBLIC, self._wanted.http_public)):
            if is_asked or self._at(f"{WANTS}/{unit}").is_symlink():
                units.append(unit)
        names = sorted(path.stem for path in self._at(SCREENS).glob("*.conf"))
        for name in names:
            if not _PLAIN_NAME.fullmatch(name):
                raise InstallError("bad_name", path=f"/{SCREENS}/{name}.conf")
        if names:
            units += [DISPLAY, *(SCREEN.replace("@", f"@{name}") for name in names)]
        return units

    def _readied(self, changed: set[str]) -> Iterator[Step]:
        """Users, folders and udev, on a real machine."""
        if not self._is_real:
            return
        users = f"/{PLACES['hallctl.sysusers']}"
        if users in changed or not _has_user("hallctl"):
            yield _run("users", users, "systemd-sysusers", users)
        folders = f"/{PLACES['hallctl.tmpfiles']}"
        if folders in changed or not self._at(f"{STATE}/bus").is_dir():
            yield _run("folders", folders, "systemd-tmpfiles", "--create", folders)
        yield from self._udev(changed)

    def _udev(self, changed: set[str]) -> Iterator[Step]:
        rules = f"/{PLACES['60-hallctl.rules']}"
        if self._is_real and rules in changed and Path("/run/udev/control").exists():
            yield _run("rules", rules, "udevadm", "control", "--reload")
            yield _run("trigger", rules, "udevadm", "trigger", "--subsystem-match=usb",
                       "--subsystem-match=usbmisc", "--subsystem-match=input",
                       "--subsystem-match=tty")  # fmt: skip

    def _reloaded(self, changed: set[str], *, always: bool = False) -> Iterator[Step]:
        """`always` before something is started: an earlier install may have ended half way."""
        is_changed = any(at.startswith(f"/{UNITS}/") for at in changed)
        if self._is_real and (always or is_changed):
            yield _run("reload", "systemd", "systemctl", "daemon-reload")

    def _started(self, changed: set[str]) -> Iterator[Step]:
        if not self._is_real:
            return
        for unit in self._units():
            file = re.sub("@.*", "@.service", unit)
            if not self._is_active(unit):
                yield _run("start", unit, "systemctl", "start", unit)
            elif f"/{UNITS}/{file}" in changed:
                yield _run("restart", unit, "systemctl", "restart", unit)

    def _removal(self, path: Path) -> Step:
        return Step(kind="remove", at=f"/{path.relative_to(self._root)}")

    def _at(self, place: str) -> Path:
        return self._root / place


def check_reachable(paths: Sequence[Path], hidden: Sequence[str] = HIDDEN) -> None:
    """Raise InstallError, which names the place, where the services' user may not come."""
    for path in (way for given in paths for way in (given.absolute(), given.resolve())):
        for place in hidden:
            if path.is_relative_to(place):
                raise InstallError("hidden", path=path, place=place)
        for folder in reversed(path.parents):
            if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
                raise InstallError("closed", path=folder)


def perform(step: Step, root: Path) -> None:
    """Do a step that is due. Raises InstallError."""
    if step.kind == "run":
        _perform_run(step)
        return
    path = root / step.at.lstrip("/")
    try:
        if step.kind == "remove":
            path.unlink(missing_ok=True)
            return
        _make_folders(path.parent)
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        if step.kind in {"enable", "command"}:
            fresh.symlink_to(step.source)
        else:
            fresh.write_bytes(step.content)
            fresh.chmod(step.mode)
        fresh.replace(path)  # whole or not at all
    except OSError as problem:
        raise InstallError("unwritable", path=path, problem=problem.strerror) from problem


def _make_folders(path: Path) -> None:
    """Make them so that the services may enter, whatever root's umask is."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        folder.chmod(0o755)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _run(why: str, at: str, *words: str) -> Step:
    return Step(kind="run", at=at, run=words, why=why)


def _perform_run(step: Step) -> None:
    """Run a program of systemd's; its last words are ours when it fails."""
    command = " ".join(step.run)
    try:
        done = subprocess.run(  # noqa: S603 - the words are this file's own
            step.run, capture_output=True, text=True, timeout=RUN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise InstallError("failed", command=command, said=problem) from problem
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise InstallError("failed", command=command, said=said)


def _is_active(unit: str) -> bool:
    words = ["systemctl", "is-active", "--quiet", unit]
    return subprocess.run(words, check=False, timeout=RUN_S).returncode == 0  # noqa: S603
