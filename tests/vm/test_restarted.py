"""The machine of test_installed.py has started anew, and nobody has typed anything since."""

from pathlib import Path

from links.waiting import until
from vm import machine
from vm.machine import DAEMON, HALL, SLOW_S, STATE, UNIT, install, run, ticket


def up_s():
    return float(Path("/proc/uptime").read_text().split()[0])


def test_the_hall_gives_numbers_after_the_machine_started_and_goes_on_where_it_was():
    until(machine.is_active, SLOW_S)
    ready_s = up_s()
    assert ticket() == "A006"
    print(f"hall ready {ready_s:.0f} s after the kernel, first ticket after {up_s():.0f} s")
    assert machine.restarts() == 0
    machine.well()


def test_an_uninstall_takes_out_what_was_put_in_and_leaves_what_is_the_halls():
    said = install("--uninstall", "--yes")
    assert "Uninstalled" in said
    assert not UNIT.exists()
    assert not machine.is_active()
    assert run("systemctl", "is-enabled", DAEMON, code=None).strip() != "enabled"
    assert not Path("/usr/local/bin/hallctl").is_symlink()
    assert (HALL / "hall.yaml").is_file()
    assert (STATE / "journal.db").is_file()
    assert "nothing to change" in install("--uninstall", "--yes")


def test_installed_again_it_goes_on_with_the_same_numbers():
    assert "Installed" in install("--yes")
    assert ticket() == "A007"
