"""The session of screens, with stand-ins for the X server's programs and for the screen."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from running import PATIENT_S, ROOT, wait_until

SCRIPT = ROOT / "systemd/hallctl-kiosk-session"
OUTPUTS = """\
Screen 0: minimum 320 x 200, current 3000 x 1920, maximum 16384 x 16384
HDMI-1 connected primary 1920x1080+0+0 (normal left inverted right x axis y axis) 521mm x 293mm
DP-1 connected 1080x1920+1920+0 left (normal left inverted right x axis y axis) 521mm x 293mm
DP-2 disconnected (normal left inverted right x axis y axis)
"""


class Machine:
    """A PATH with stand-ins that write down how they were called."""

    def __init__(self, folder):
        self.folder = folder
        self.screens = folder / "screens"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        for made in (self.screens, self.bin):
            made.mkdir()
        self.program("xset")
        (folder / "outputs").write_text(OUTPUTS)
        self.program("xrandr", f"cat {folder}/outputs")
        self.program("hallctl-screen")

    def program(self, name, then=""):
        path = self.bin / name
        place = '"${SDL_VIDEO_WINDOW_POS-}"'
        path.write_text(f'#!/bin/sh\necho {name} "$@" {place} >>{self.calls}\n{then}\n')
        path.chmod(0o755)

    def conf(self, name, screen="hall", options="--bus /b", output=""):
        text = f"# a screen\nSCREEN={screen}\nOPTIONS={options}\nOUTPUT={output}\n"
        (self.screens / f"{name}.conf").write_text(text)

    def start(self, *words, stdin=subprocess.DEVNULL, **more):
        surroundings = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HALLCTL_SCREENS": str(self.screens),
            "HALLCTL_SCREEN": str(self.bin / "hallctl-screen"),
            "HALLCTL_AGAIN_S": "0.1",
            **more,
        }
        return subprocess.Popen(
            [SCRIPT, *words],
            env=surroundings,
            stdin=stdin,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words, code=0, **more):
        process = self.start(*words, **more)
        _, said = process.communicate(timeout=PATIENT_S)
        assert process.returncode == code, said
        return said

    def called(self, name):
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [line.removeprefix(f"{name} ").strip() for line in lines if line.startswith(name)]


def living(group):
    """The processes of a group that still run; the dead whom nobody buried do not count."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of = path.read_text().rpartition(")")[2].split()[:3]
            if int(of) == group and state != "Z":
                found.append(path.parent.name)
    return found


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_screen_without_an_output_fills_the_display(machine):
    machine.conf("hall", options="--bus /b --name hall-1")
    machine.run("screen", "hall")
    assert machine.called("hallctl-screen") == ["hall --bus /b --name hall-1 --fullscreen"]


@pytest.mark.parametrize(
    ("output", "words"), [("HDMI-1", "--size 1920x1080 0,0"), ("DP-1", "--size 1080x1920 1920,0")]
)
def test_a_screen_lies_on_its_own_output(machine, output, words):
    machine.conf("kiosk-1", "kiosk", output=output)
    machine.run("screen", "kiosk-1")
    assert machine.called("hallctl-screen") == [f"kiosk --bus /b {words}"]


def test_what_systemd_has_read_from_the_file_is_not_read_again(machine):
    machine.run("screen", "w", SCREEN="window", OPTIONS="--window 3", OUTPUT="")
    assert machine.called("hallctl-screen") == ["window --window 3 --fullscreen"]


def test_an_option_is_a_word_and_no_pattern(machine):
    machine.run("screen", "w", SCREEN="window", OPTIONS="--name *", OUTPUT="")
    assert machine.called("hallctl-screen") == ["window --name * --fullscreen"]


@pytest.mark.parametrize("output", ["DP-2", "DP-9"])
def test_a_display_that_is_not_there_may_come_later(machine, output):
    machine.conf("kiosk-1", output=output)
    assert f"{output} is not connected" in machine.run("screen", "kiosk-1", code=71)


def test_what_only_a_person_can_mend_ends_with_78(machine):
    assert "nothing.conf is missing" in machine.run("screen", "nothing", code=78)
    (machine.screens / "empty.conf").write_text("OPTIONS=--bus /b\n")
    assert "names no SCREEN" in machine.run("screen", "empty", code=78)
    (machine.screens / "empty.conf").unlink()
    assert "no screen" in machine.run("glass", code=78)
    said = machine.run("start", code=78, HALLCTL_X=str(machine.bin / "X"))
    assert "apt-get install" in said


def test_the_x_server_is_started_without_cursor_and_darkness(machine):
    machine.program("xinit")
    machine.program("X")
    machine.run("start", HALLCTL_X=str(machine.bin / "X"), DISPLAY=":3")
    (words,) = machine.called("xinit")
    keeps = "/usr/bin/setpriv --pdeathsig TERM"
    assert words.startswith(f"{keeps} {SCRIPT} glass -- {SCRIPT} :3 ")
    for option in ("-nocursor", "-s 0", "-dpms", "-nolisten tcp"):
        assert option in words


@pytest.mark.parametrize("brought", [True, False])
def test_its_terminal_is_brought_to_the_front_before_the_server_asks_for_the_display(
    machine, brought
):
    """Else logind keeps the graphics back, and the server ends (seen with Debian 12's)."""
    machine.program("python", "" if brought else "exit 1")
    machine.program("xinit")
    machine.program("X")
    ours, its = os.openpty()
    try:
        said = machine.run("start", stdin=its, HALLCTL_X=str(machine.bin / "X"))
    finally:
        os.close(ours)
        os.close(its)
    order = [line.split()[0] for line in machine.calls.read_text().splitlines() if line[:1] in "px"]
    assert order == ["python", "xinit"], "and started all the same"
    assert ("Ctrl-Alt-F7" in said) is not brought


def test_without_a_terminal_of_its_own_nothing_is_brought_anywhere(machine):
    for name in ("python", "xinit", "X"):
        machine.program(name)
    machine.run("start", HALLCTL_X=str(machine.bin / "X"))
    assert machine.called("python") == []


def test_the_session_keeps_every_screen_and_ends_with_all_of_them(machine):
    machine.program("hallctl-screen", 'test "$1" = hall && exit 1\nexec sleep 1000')
    machine.conf("hall")
    machine.conf("kiosk-1", "kiosk")
    session = machine.start("glass")
    try:
        wait_until(lambda: machine.called("hallctl-screen").count("hall --bus /b --fullscreen") > 2)
        wait_until(lambda: "kiosk --bus /b --fullscreen" in machine.called("hallctl-screen"))
        assert machine.called("hallctl-screen").count("kiosk --bus /b --fullscreen") == 1
        assert machine.called("xset") == ["s off s noblank -dpms"]
        assert len(living(session.pid)) > 2
    finally:
        session.send_signal(signal.SIGTERM)
        _, said = session.communicate(timeout=PATIENT_S)
    assert "hall ended with 1 and is started again" in said
    wait_until(lambda: living(session.pid) == [])


def test_a_screen_without_its_font_is_not_started_again(machine):
    machine.program("hallctl-screen", "exit 78")
    machine.conf("hall")
    assert "is not started again" in machine.run("glass")
    assert len(machine.called("hallctl-screen")) == 1


def test_the_machines_own_layout_is_set_first_and_its_failure_ends_nothing(machine):
    machine.conf("hall")
    machine.program("hallctl-screen", "exit 78")
    layout = machine.screens / "layout"
    layout.write_text(f"#!/bin/sh\necho layout >>{machine.calls}\nexit 1\n")
    layout.chmod(0o755)
    assert "layout failed" in machine.run("glass")
    words = machine.calls.read_text().split()
    assert words.index("layout") < words.index("hallctl-screen")


def test_the_server_of_a_killed_session_does_not_stay_behind(machine):
    """systemd reaches only the first process; a server left over would keep the next one out."""
    machine.program("X", "exec sleep 1000")
    # As xinit: the server is its child, and the client too.
    machine.program("xinit", 'while [ "$1" != -- ]; do shift; done; shift; "$@" & exec sleep 1000')
    session = machine.start("start", HALLCTL_X=str(machine.bin / "X"))
    try:
        (words,) = wait_until(lambda: machine.called("X"))
        assert words.startswith(":0 vt7 ")
        wait_until(lambda: len(living(session.pid)) == 2)
        session.kill()
        session.communicate(timeout=PATIENT_S)
        wait_until(lambda: living(session.pid) == [])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(session.pid, signal.SIGKILL)


def test_where_each_screen_has_its_unit_the_glass_starts_none(machine):
    machine.conf("hall")
    session = machine.start("glass", HALLCTL_UNITS="1")
    try:
        wait_until(lambda: machine.called("xset"))
        wait_until(lambda: len(living(session.pid)) == 1)
        assert session.poll() is None
        assert machine.called("hallctl-screen") == []
    finally:
        os.killpg(session.pid, signal.SIGTERM)
        session.communicate(timeout=PATIENT_S)


def test_before_the_x_server_is_there_it_says_so_and_is_tried_again(machine):
    machine.program("xrandr", "exit 1")
    machine.conf("kiosk-1", "kiosk", output="HDMI-1")
    assert "no X server at :7 yet" in machine.run("screen", "kiosk-1", code=71, DISPLAY=":7")


def test_without_a_word_it_says_what_it_can(machine):
    assert "start, glass, or screen NAME" in machine.run(code=64)
