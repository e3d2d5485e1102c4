"""The tcp link and a device whose power is cut: no word of farewell, only silence."""

import subprocess
import sys
import time

import pytest

from hallctl.links.base import LinkError
from hallctl.links.tcp import TcpLink
from links.waiting import error_of, until

HERE, THERE = "10.99.0.1", "10.99.0.2"
DEVICE = f"""
import socket
listener = socket.create_server(("{THERE}", 9100))
while True:
    end, _ = listener.accept()
    end.sendall(b"hello")
    keep = end
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True)


@pytest.fixture
def device():
    """A device at the far end of a cable, in a network of its own."""
    ip("netns", "add", "far")
    ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", "far")
    ip("addr", "add", f"{HERE}/24", "dev", "near")
    ip("link", "set", "near", "up")
    ip("-n", "far", "addr", "add", f"{THERE}/24", "dev", "far")
    ip("-n", "far", "link", "set", "far", "up")
    process = subprocess.Popen(["ip", "netns", "exec", "far", sys.executable, "-c", DEVICE])
    yield lambda: ip("-n", "far", "addr", "flush", "dev", "far")
    process.kill()
    process.wait()
    ip("link", "del", "near")
    ip("netns", "del", "far")


@pytest.fixture
def link(device):
    link = TcpLink(f"{THERE}:9100", gone_s=4)

    def connected():
        try:
            return link.open() >= 0
        except LinkError:
            return False

    until(connected)
    assert until(link.read) == b"hello"
    yield link
    link.close()


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "sending"])
def test_a_device_whose_power_is_cut_is_found_out(device, link, busy):
    device()
    if busy:
        link.write(b"ticket")
    begun = time.monotonic()
    problem = error_of(link.read)
    print(f"found out after {time.monotonic() - begun:.1f} s of 4 s")
    assert "ETIMEDOUT 110" in problem.evidence or "EHOSTUNREACH 113" in problem.evidence
    assert problem.remedy.startswith("设备没有回应")


def test_a_device_that_is_off_is_not_waited_for_longer_than_the_deadline(device, link):
    device()
    begun = time.monotonic()
    problem = error_of(link.open)
    print(f"given up after {time.monotonic() - begun:.1f} s: {problem.evidence}")
    assert problem.remedy.startswith("设备没有回应")
