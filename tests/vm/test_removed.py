"""The last of the installed hall: taken out, and put in again."""

from pathlib import Path

from vm import machine
from vm.machine import DAEMON, HALL, STATE, UNIT, install, number_of, run, ticket


def test_an_uninstall_takes_out_what_was_put_in_and_leaves_what_is_the_halls():
    units = machine.enabled()
    said = install("--uninstall", "--yes")
    assert "Uninstalled" in said
    assert not UNIT.exists()
    for unit in units:
        assert not machine.is_up(unit)
    assert run("systemctl", "is-enabled", DAEMON, code=None).strip() != "enabled"
    assert not Path("/usr/local/bin/hallctl").is_symlink()
    left = [path for path in Path("/etc").rglob("*hallctl*") if not path.is_relative_to(HALL)]
    assert [path for path in left if path != HALL] == []
    assert (HALL / "hall.yaml").is_file()
    assert (HALL / "screens/screen.conf.example").is_file()
    assert (STATE / "journal.db").is_file()
    assert "nothing to change" in install("--uninstall", "--yes")


def test_installed_again_it_goes_on_with_the_same_numbers():
    highest = machine.remembered()
    assert "Installed" in install("--yes")
    assert number_of(ticket()) == highest + 1
