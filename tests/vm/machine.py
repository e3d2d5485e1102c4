"""A hall installed in this very machine, and what its tests ask of it. Software emulation is slow
(tenfold and more), so nothing here is ever too late, only never."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from links.waiting import until
from running import RawAsker

PROGRAMS = Path("/opt/hallctl/bin")
HALLCTL = PROGRAMS / "hallctl"
HALL, STATE = Path("/etc/hallctl"), Path("/var/lib/hallctl")
UNIT = Path("/etc/systemd/system/hallctl.service")
SLOW_S = 300.0
DAEMON = "hallctl.service"


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
    """The repository's hall, with no devices."""
    folder.mkdir()
    for name in ("hall.yaml", "catalogue.yaml"):
        shutil.copy(f"/srv/{name}", folder / name)
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


def hallctl(*words, **how):
    return run(HALLCTL, *words, "--hall", HALL, "--state", STATE, **how)


def install(*words, **how):
    return run(HALLCTL, "install", "--lang", "en", *words, **how)


def ticket():
    """Take a number by the bytes of the protocol (a command line takes half a minute here)."""
    asker = RawAsker(STATE / "bus")
    try:
        answer = asker.ask(secrets.token_hex(8), {"type": "IssueTicket", "queue": "A"}, SLOW_S)
    finally:
        asker.close()
    return answer["result"]["label"]


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
    return run("systemctl", "is-active", DAEMON, code=None).strip() == "active"


def back_as_another_than(pid):
    """Wait until systemd has started another one, and it is ready."""
    until(lambda: is_active() and main_pid() not in (0, pid), SLOW_S)


def log():
    return run("journalctl", "--no-pager", "-o", "cat", "-u", DAEMON)
