"""`hallctl install` in a machine with real systemd: what is shown, what runs, what brings it back.

One life of one machine, in this order; test_screened.py goes on, and test_restarted.py after the
machine's next start.
"""

import errno
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from vm import machine
from vm.machine import DAEMON, HALL, STATE, UNIT, hallctl, install, opened_by, run, ticket, waited

ALLOWED = (4, 13, 116, 166, 180, 188, 189)
FORBIDDEN = (1, 10)
"""Memory and the like; misc, of which /dev/kmsg's and /dev/uinput's kin are."""
ABSENT = (errno.ENXIO, errno.ENODEV, errno.EIO)


@pytest.fixture(scope="module", autouse=True)
def hall(tmp_path_factory):
    machine.make_programs()
    return machine.make_hall(tmp_path_factory.mktemp("given") / "hall")


def test_what_will_be_done_is_shown_before_anything_is(hall):
    said = run(machine.HALLCTL, "install", "--lang", "en", "--hall", hall, "--dry-run")
    for words in ("write /etc/systemd/system/hallctl.service", "start hallctl.service", "users"):
        assert words in said, said
    said = install("--hall", hall, code=1)
    assert "--yes" in said
    assert not UNIT.exists()
    assert not HALL.exists()


def test_an_install_leaves_a_hall_that_gives_numbers(hall):
    said = install("--hall", hall, "--yes")
    assert "Installed" in said
    assert machine.is_active()
    assert run("systemctl", "is-enabled", DAEMON).strip() == "enabled"
    assert ticket() == "A001"


def test_a_second_install_changes_nothing_and_says_so(hall):
    pid = machine.main_pid()
    said = install("--hall", hall, "--yes")
    assert "nothing to change" in said
    assert said.count("stays as it is") == 3
    assert machine.main_pid() == pid


def test_systemd_watches_a_daemon_with_few_ways_out():
    assert machine.shown("Type") == "notify"
    assert machine.shown("WatchdogUSec") == "20s"
    said = run("systemd-analyze", "security", "--no-pager", DAEMON)
    score = float(re.search(r"exposure level for \S+: ([\d.]+)", said)[1])
    print(f"systemd-analyze security, running: {score}")
    assert score <= 2.0


def test_the_daemon_is_nobody_special_and_its_secrets_are_its_own():
    status = Path(f"/proc/{machine.main_pid()}/status").read_text()
    uid = pwd.getpwnam("hallctl").pw_uid
    assert f"Uid:\t{uid}\t{uid}" in status
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    journal = (STATE / "journal.db").stat()
    assert stat.S_IMODE(journal.st_mode) & 0o077 == 0
    for socket in (STATE / "bus").iterdir():
        assert (socket.owner(), socket.group()) == ("hallctl", "hall")
        assert stat.S_IMODE(socket.stat().st_mode) == 0o660


def test_a_monitor_of_group_hall_is_answered_and_nobody_else():
    ours = ("setpriv", "--reuid=hall-screen", "--regid=hall", "--clear-groups")
    machine.well(before=ours)
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    assert "cannot open" in hallctl("health", "--lang", "en", before=nobody, code=2)


@pytest.mark.parametrize("major", ALLOWED)
def test_a_device_of_the_hall_may_be_opened_though_its_driver_came_later(major):
    node = f"/dev/hall-bed-{major}"
    minor = 64 if major == 4 else 250
    os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(major, minor))
    try:
        assert opened_by(DAEMON, node) in (0, *ABSENT)
    finally:
        Path(node).unlink()


@pytest.mark.parametrize("major", FORBIDDEN)
def test_a_device_that_is_not_the_halls_may_not(major):
    node = f"/dev/hall-bed-{major}"
    os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(major, 250 if major == 10 else 1))
    try:
        assert opened_by(DAEMON, node) == errno.EPERM
    finally:
        Path(node).unlink()


LIBRARIES = (
    "import evdev, serial, usb.core, pygame, numpy, escpos.printer, apsw, zmq, importlib, pkgutil; "
    "import drivers; [importlib.import_module('drivers.' + m.name) "
    "for m in pkgutil.iter_modules(drivers.__path__)]; "
    "print('devices on USB:', len(list(usb.core.find(find_all=True)))); "
    "import os; assert not os.access('/home', os.R_OK); assert not os.access('/etc', os.W_OK)"
)


def test_every_driver_and_library_loads_within_the_same_walls():
    lines = UNIT.read_text().splitlines()
    left_out = ("Type=", "Exec", "Restart", "Watchdog", "StateDirectory", "NotifyAccess", "#")
    start = lines.index("[Service]") + 1
    service = [x for x in lines[start:] if x and not x.startswith((*left_out, "[Install", "Want"))]
    code = LIBRARIES.replace("%", "%%")
    unit = Path("/run/systemd/system/hall-walls.service")
    unit.write_text(
        "\n".join(["[Service]", "Type=oneshot", *service,
                   f'ExecStart={machine.PROGRAMS}/python -c "{code}"'])
    )  # fmt: skip
    run("systemctl", "daemon-reload")
    failed = subprocess.run(["systemctl", "start", unit.name], check=False).returncode
    said = run("journalctl", "--no-pager", "-o", "cat", "-u", unit.name)
    print(said)
    assert not failed, said
    assert "devices on USB:" in said


def test_a_killed_daemon_comes_back_and_no_number_is_lost():
    before, pid = machine.restarts(), machine.main_pid()
    os.kill(pid, signal.SIGKILL)
    machine.back_as_another_than(pid)
    assert machine.restarts() == before + 1
    assert ticket() == "A002"


def test_a_daemon_that_hangs_is_ended_by_the_watchdog_and_says_where_it_stood():
    before, pid = machine.restarts(), machine.main_pid()
    os.kill(pid, signal.SIGSTOP)
    machine.back_as_another_than(pid)
    assert machine.restarts() > before
    said = machine.log()
    assert "Watchdog timeout" in said
    assert "Fatal Python error: Aborted" in said
    assert "daemon.py" in said
    assert ticket() == "A003"


def test_a_hung_up_daemon_reads_its_files_again_and_goes_on():
    pid = machine.main_pid()
    run("systemctl", "reload", DAEMON)
    assert ticket() == "A004"
    assert machine.main_pid() == pid


def test_a_wrong_configuration_is_not_tried_again_and_again():
    rules = HALL / "hall.yaml"
    right = rules.read_text()
    rules.write_text(right + "\nwindovs: {}\n")
    run("systemctl", "restart", DAEMON, code=None)
    waited(lambda: machine.shown("ActiveState") == "failed")
    assert machine.shown("ExecMainStatus") == "78"
    assert "hall.yaml" in machine.log()
    assert machine.shown("Result") == "exit-code"
    assert hallctl("health", "--lang", "en", code=2).startswith("nobody answers")
    install("--yes", code=78)
    rules.write_text(right)
    assert "start hallctl.service" in install("--yes")
    assert machine.is_active()
    assert ticket() == "A005"


def backed_up(code=0):
    """As the timer does it; what it said."""
    done = subprocess.run(["systemctl", "start", "hallctl-backup.service"], check=False)
    said = machine.log("hallctl-backup.service")
    assert bool(done.returncode) == bool(code), said
    return said


def test_the_nights_backup_is_verified_and_health_tells_of_it():
    assert run("systemctl", "is-active", "hallctl-backup.timer").strip() == "active"
    assert "every event of it verified" in backed_up()
    (file,) = (STATE / "backups").iterdir()
    assert (file.owner(), stat.S_IMODE(file.stat().st_mode)) == ("hallctl", 0o600)
    told = json.loads(hallctl("health", "--json"))
    assert told["backup"]["file"] == str(file)


def test_a_night_without_its_stick_is_told_until_it_is_back():
    conf, stick = HALL / "backup.conf", Path("/media/stick")
    conf.write_text((HALL / "backup.conf.example").read_text().replace("/media/backup", str(stick)))
    assert "Is the stick plugged in" in backed_up(1)
    assert "Is the stick plugged in" in hallctl("health", "--lang", "en", code=1)
    stick.mkdir(mode=0o700)
    shutil.chown(stick, "hallctl", "hall")
    backed_up()
    assert len(list(stick.glob("*.hallbackup"))) == 1
    machine.well()


def test_nothing_is_purged_until_the_hall_has_said_how_long():
    unit = "hallctl-purge.service"
    run("systemctl", "start", unit)
    assert "older" not in machine.log(unit)
    assert run("systemctl", "show", "--value", "-p", "ConditionResult", unit).strip() == "no"
    shutil.copy(HALL / "purge.conf.example", HALL / "purge.conf")
    run("systemctl", "start", unit)
    assert "there is nothing to delete" in machine.log(unit)
    assert len(list((STATE / "backups").iterdir())) == 1


def test_the_wait_page_is_served_by_a_user_that_can_read_no_secret():
    unit = "hallctl-http-public.service"
    assert f"start {unit}" in install("--http-public", "--yes")

    def answered():
        try:
            with urllib.request.urlopen("http://127.0.0.1:7781/healthz", timeout=60) as answer:
                return json.load(answer)["ok"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    waited(answered)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen("http://127.0.0.1:7781/api/v1/hall", timeout=60)
    pid = run("systemctl", "show", "--value", "-p", "MainPID", unit).strip()
    uid = pwd.getpwnam("hall-web").pw_uid
    assert f"Uid:\t{uid}\t{uid}" in Path(f"/proc/{pid}/status").read_text()
    theirs = ("setpriv", "--reuid=hall-web", "--regid=hall", "--clear-groups")
    run("cat", STATE / "journal.db", before=theirs, code=1)
