"""A kiosk on an X server of its own, in the machine of test_installed.py.

What the display shows is looked at from outside, as a camera would; the glass is touched through
the kernel.
"""

import errno
import grp
import os
import stat
import time
from pathlib import Path

import apsw
import pytest
from evdev import AbsInfo, UInput
from evdev import ecodes as ec

from vm import machine
from vm.machine import HALL, SCREEN_UNITS, STATE, install, is_up, opened_by, pictured, run, waited

WIDTH, HEIGHT = 1280, 800
LAYOUT = (1920, 1080)
AXES = ((ec.ABS_MT_POSITION_X, ec.ABS_X), (ec.ABS_MT_POSITION_Y, ec.ABS_Y))
COLLECT = (1676, 695)
"""The middle of the tile 领证 in the layout, which gives a number at one touch."""


@pytest.fixture(scope="module")
def finger():
    """A touch panel: `finger(x, y)` touches a point of the kiosk's layout."""
    run("modprobe", "uinput")
    axes = [
        (ec.ABS_X, AbsInfo(0, 0, WIDTH - 1, 0, 0, 10)),
        (ec.ABS_Y, AbsInfo(0, 0, HEIGHT - 1, 0, 0, 10)),
        (ec.ABS_MT_SLOT, AbsInfo(0, 0, 4, 0, 0, 0)),
        (ec.ABS_MT_TRACKING_ID, AbsInfo(0, 0, 65535, 0, 0, 0)),
        (ec.ABS_MT_POSITION_X, AbsInfo(0, 0, WIDTH - 1, 0, 0, 10)),
        (ec.ABS_MT_POSITION_Y, AbsInfo(0, 0, HEIGHT - 1, 0, 0, 10)),
    ]
    able = {ec.EV_KEY: [ec.BTN_TOUCH], ec.EV_ABS: axes}
    zoom = min(WIDTH / LAYOUT[0], HEIGHT / LAYOUT[1])
    left, top = (WIDTH - LAYOUT[0] * zoom) / 2, (HEIGHT - LAYOUT[1] * zoom) / 2

    with UInput(able, name="hall glass", input_props=[ec.INPUT_PROP_DIRECT]) as panel:

        def touch(x, y):
            at = round(left + x * zoom), round(top + y * zoom)
            panel.write(ec.EV_ABS, ec.ABS_MT_TRACKING_ID, 1)
            for codes, value in zip(AXES, at, strict=True):
                for code in codes:
                    panel.write(ec.EV_ABS, code, value)
            panel.write(ec.EV_KEY, ec.BTN_TOUCH, 1)
            panel.syn()
            time.sleep(0.3)
            panel.write(ec.EV_ABS, ec.ABS_MT_TRACKING_ID, -1)
            panel.write(ec.EV_KEY, ec.BTN_TOUCH, 0)
            panel.syn()

        yield touch


def tickets_of_the_kiosk():
    """How many numbers were given at kiosk-1."""
    db = apsw.Connection(
        f"file:{STATE}/journal.db?mode=ro", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    try:
        rows = db.execute("SELECT CAST(body AS TEXT) FROM events WHERE type='TicketIssued'")
        return sum('"kiosk:kiosk-1"' in body for (body,) in rows)
    finally:
        db.close()


def test_a_screen_that_was_named_is_installed_and_lights_the_display():
    example = (HALL / "screens/screen.conf.example").read_text()
    said = example.replace("--name kiosk-1", "--name kiosk-1 --landscape")
    (HALL / "screens/kiosk-1.conf").write_text(said.replace("OUTPUT=", "OUTPUT=Virtual-1"))
    said = install("--yes")
    for unit in SCREEN_UNITS:
        assert f"start {unit}" in said
        waited(lambda name=unit: is_up(name))
    seen = pictured(lambda picture: picture.colours > 40)
    print(seen)
    assert (seen.width, seen.height) == (WIDTH, HEIGHT)
    # 1280×720 of it is the kiosk's, and hardly any of that is black.
    assert seen.lit > 0.8
    assert "nothing to change" in install("--yes")


def test_nobody_there_is_root_and_the_display_never_goes_dark():
    for unit in SCREEN_UNITS:
        pid = run("systemctl", "show", "--value", "-p", "MainPID", unit).strip()
        assert run("ps", "-o", "user:20=", "-p", pid).strip() == "hall-screen"
    assert run("ps", "-o", "user:20=", "-C", "Xorg").split() == ["hall-screen"]
    as_them = (
        "setpriv",
        "--reuid=hall-screen",
        "--regid=hall",
        "--clear-groups",
        "env",
        "DISPLAY=:0",
    )
    said = run("xset", "q", before=as_them)
    assert "timeout:  0" in said
    power = said[said.index("DPMS") :]
    assert "DPMS is Disabled" in power or "does not have the DPMS Extension" in power, power


def test_a_touch_of_the_glass_gives_a_number(finger):
    assert tickets_of_the_kiosk() == 0
    for _ in range(10):
        finger(*COLLECT)
        end = time.monotonic() + 30
        while time.monotonic() < end and not tickets_of_the_kiosk():
            time.sleep(1)
        if tickets_of_the_kiosk():
            return
    raise AssertionError(machine.log(SCREEN_UNITS[1]))


@pytest.mark.parametrize(("major", "may"), [(116, True), (1, False), (10, False), (226, False)])
def test_a_screen_may_open_the_sound_card_and_no_other_device(major, may):
    node = f"/dev/hall-bed-{major}"
    os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(major, 1 if major == 1 else 250))
    try:
        found = opened_by(SCREEN_UNITS[1], node)
    finally:
        Path(node).unlink()
    assert (found != errno.EPERM) == may, errno.errorcode.get(found, found)
    pid = run("systemctl", "show", "--value", "-p", "MainPID", SCREEN_UNITS[1]).strip()
    groups = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if "Groups" in x]
    assert str(grp.getgrnam("audio").gr_gid) in groups[0].split()


@pytest.mark.parametrize("unit", SCREEN_UNITS)
def test_a_killed_screen_or_x_server_is_there_again(unit):
    def pids():
        return [
            run("systemctl", "show", "--value", "-p", "MainPID", each).strip()
            for each in SCREEN_UNITS
        ]

    before = pids()
    run("systemctl", "kill", "-s", "KILL", unit)
    at = SCREEN_UNITS.index(unit)
    waited(lambda: pids()[at] not in ("0", before[at]))
    for each in SCREEN_UNITS:
        waited(lambda name=each: is_up(name))
    pictured(lambda picture: picture.colours > 40)
