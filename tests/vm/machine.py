"""A hall installed in this very machine, and what its tests ask of it. Software emulation is slow
(tenfold and more), so nothing here is ever too late, only never."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from running import RawAsker

PROGRAMS = Path("/opt/hallctl/bin")
HALLCTL = PROGRAMS / "hallctl"
HALL, STATE = Path("/etc/hallctl"), Path("/var/lib/hallctl")
UNIT = Path("/etc/systemd/system/hallctl.service")
SLOW_S = 600.0
DAEMON = "hallctl.service"
SHARED = Path("/run/hall-shared")
"""Seen by scripts/vm.sh too, and still there after a power cut."""
SCREEN_UNITS = ("hallctl-display.service", "hallctl-screen@kiosk-1.service")


def enabled():
    """What is to start with the machine."""
    wants = Path("/etc/systemd/system").glob("*.target.wants/hallctl*")
    return sorted(path.name for path in wants)


def waited(done):
    """Ask again each second; asking costs this machine more than it costs another."""
    end = time.monotonic() + SLOW_S
    while not (got := done()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(1)
    return got


def make_programs():
    """An environment like `python3 -m venv /opt/hallctl`, with the shared folder's packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", PROGRAMS.parent], check=True)
    site = next(PROGRAMS.parent.glob("lib/python3*/site-packages"))
    theirs = next(Path("/srv/.venv/lib").glob("python3*/site-packages"))
    (site / "hallctl.pth").write_text(f"/srv\n{theirs}\n")
    for name, module in (("hallctl", "hallctl"), ("hallctl-screen", "screens")):
        program = PROGRAMS / name
        code = f"import runpy\nrunpy.run_module({module!r}, run_name='__main__')\n"
        program.write_text(f"#!{PROGRAMS}/python\n{code}")
        program.chmod(0o755)


def make_hall(folder):
    """The repository's hall, with no devices, and numbers without end: nobody serves who comes."""
    folder.mkdir()
    shutil.copy("/srv/catalogue.yaml", folder / "catalogue.yaml")
    rules = Path("/srv/hall.yaml").read_text()
    assert "cut_off: true" in rules
    (folder / "hall.yaml").write_text(rules.replace("cut_off: true", "cut_off: false"))
    (folder / "devices.yaml").write_text("devices: {}\n")
    return folder


def run(*words, code=0, before=()):
    """Run a program without the tests' own Python path; its output."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHONPATH")}
    command = [*map(str, before), *map(str, words)]
    done = subprocess.run(
        command, env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert code in (None, done.returncode), (command, done.returncode, done.stdout, done.stderr)
    return done.stdout


_WARM = """
import json, os, sys
from hallctl.cli.main import app
for line in sys.stdin:
    words, said = json.loads(line)
    child = os.fork()
    if not child:
        nothing = os.open("/dev/null", os.O_RDONLY)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for at, end in enumerate((nothing, out, out)):
            os.dup2(end, at)
        sys.argv = ["hallctl", *words]
        app()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""`hallctl`, whose imports take most of a minute in this machine, imported once; each command is a
process of its own all the same, of the very Python that was installed."""


class Warm:
    """Types commands without waiting for the imports of each."""

    def __init__(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHONPATH")}
        self._process = subprocess.Popen(
            [PROGRAMS / "python", "-c", _WARM], env=clean, text=True, cwd="/tmp",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, words, code):
        said = Path("/tmp/hallctl-said")
        self._process.stdin.write(json.dumps([[*map(str, words)], str(said)]) + "\n")
        self._process.stdin.flush()
        ended = int(self._process.stdout.readline())
        assert code in (None, ended), (words, ended, said.read_text())
        return said.read_text()


_warm = []


def hallctl(*words, code=0, before=()):
    """As the technician types it: which hall is meant, the command knows."""
    if before:
        return run(HALLCTL, *words, code=code, before=before)
    if not _warm:
        _warm.append(Warm())
    return _warm[0].run(words, code)


def install(*words, code=0):
    return hallctl("install", "--lang", "en", *words, code=code)


def ticket():
    """Take a number by the bytes of the protocol (a command line takes half a minute here)."""
    asker = RawAsker(STATE / "bus")
    try:
        answer = asker.ask(secrets.token_hex(8), {"type": "IssueTicket", "queue": "A"}, SLOW_S)
    finally:
        asker.close()
    label = answer["result"]["label"]
    (SHARED / "highest").write_text(str(number_of(label)))
    return label


def number_of(label):
    """12 of A012."""
    return int(re.fullmatch(r"[A-Z](\d+)", label)[1])


def remembered():
    """The number that `ticket` gave last, before the machine started anew."""
    return int((SHARED / "highest").read_text())


def well(before=()):
    """A monitor hears that all is well; its 5 s may be too short here, so several try."""
    said = ""
    for _ in range(5):
        said = hallctl("health", "--lang", "en", code=None, before=before)
        if said.startswith("well: "):
            return
    raise AssertionError(said)


def shown(name):
    return run("systemctl", "show", "--value", "-p", name, DAEMON).strip()


def main_pid():
    return int(shown("MainPID"))


def restarts():
    return int(shown("NRestarts"))


def is_active():
    return is_up(DAEMON)


def is_up(unit):
    return run("systemctl", "is-active", unit, code=None).strip() == "active"


@dataclass
class Picture:
    """What the display shows: `colours` different ones, `lit` the share of what is not black."""

    width: int
    height: int
    colours: int
    lit: float


def picture():
    """The display of this machine, taken by scripts/vm.sh."""
    path, asked = SHARED / "picture.ppm", SHARED / "picture"
    path.unlink(missing_ok=True)
    asked.touch()
    waited(lambda: path.exists() and not asked.exists())
    kind, size, _, dots = path.read_bytes().split(b"\n", 3)
    assert kind == b"P6"
    width, height = map(int, size.split())
    found = [dots[at : at + 3] for at in range(0, len(dots) - 2, 3 * 7)]
    black = sum(dot == b"\0\0\0" for dot in found)
    return Picture(width, height, len(set(found)), 1 - black / len(found))


def pictured(is_so):
    """Wait for a picture that is so; the last one."""
    until_s = time.monotonic() + 2 * SLOW_S
    while not is_so(found := picture()):
        assert time.monotonic() < until_s, found
        time.sleep(2)
    return found


def back_as_another_than(pid):
    """Wait until systemd has started another one, and it is ready."""
    waited(lambda: is_active() and main_pid() not in (0, pid))


def log(unit=DAEMON):
    return run("journalctl", "--no-pager", "-o", "cat", "-u", unit)


def opened_by(unit, node):
    """The error of opening a device among a unit's own processes; 0 for none."""
    group = run("systemctl", "show", "--value", "-p", "ControlGroup", unit).strip()
    into = Path(f"/sys/fs/cgroup{group}/cgroup.procs")
    child = os.fork()
    if not child:
        code = 255
        try:
            into.write_text(str(os.getpid()))
            os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
            code = 0
        except OSError as problem:
            code = problem.errno or 254
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
