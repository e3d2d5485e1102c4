"""The machine of test_installed.py has started anew, and nobody has typed anything since."""

from pathlib import Path

from vm import machine
from vm.machine import is_up, number_of, remembered, run, ticket, waited


def up_s():
    return float(Path("/proc/uptime").read_text().split()[0])


def test_the_hall_gives_numbers_after_the_machine_started_and_goes_on_where_it_was():
    waited(machine.is_active)
    ready_s = up_s()
    before = remembered()
    assert number_of(ticket()) == before + 1
    print(f"hall ready {ready_s:.0f} s after the kernel, first ticket after {up_s():.0f} s")
    assert machine.restarts() == 0
    machine.well()


def test_screens_wait_page_and_timers_came_back_too():
    units = machine.enabled()
    assert {machine.DAEMON, "hallctl-backup.timer", "hallctl-purge.timer"} <= {*units}
    for unit in units:
        waited(lambda name=unit: is_up(name))
    if machine.SCREEN_UNITS[1] in units:
        machine.pictured(lambda picture: picture.colours > 40)
    assert "hallctl" in run("systemctl", "list-timers", "--no-pager", "hallctl-backup.timer")
    failed = run("systemctl", "list-units", "--failed", "--no-legend", "--no-pager", "hallctl*")
    assert failed.strip() == ""
