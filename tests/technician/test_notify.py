"""What the daemon tells systemd, read at a real datagram socket."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from hallctl import notify
from running import ROOT


class Ear:
    """The service manager's end."""

    def __init__(self, address, monkeypatch):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))

    def heard(self):
        return self.socket.recv(4096).decode()

    def nothing(self):
        """Whether nothing has come: what is said next is what is heard first."""
        notify.status("next")
        return self.heard() == "STATUS=next"


@pytest.fixture(params=["path", "abstract"])
def ear(request, tmp_path, monkeypatch):
    name = f"\0hallctl-{os.getpid()}-{os.urandom(4).hex()}"
    at = str(tmp_path / "notify") if request.param == "path" else name
    ear = Ear(at, monkeypatch)
    for variable in (notify.WATCHDOG_USEC, notify.WATCHDOG_PID):
        monkeypatch.delenv(variable, raising=False)
    yield ear
    ear.socket.close()


def test_ready_is_said_with_what_the_status_shows(ear):
    notify.ready("赤坭 open, event 17")
    assert ear.heard() == "READY=1\nSTATUS=赤坭 open, event 17"
    notify.ready()
    assert ear.heard() == "READY=1"


def test_stopping_and_status_are_said(ear):
    notify.stopping()
    assert ear.heard() == "STOPPING=1"
    notify.status("waiting: 3")
    assert ear.heard() == "STATUS=waiting: 3"


def test_the_watchdog_is_fed_when_systemd_watches_this_process(ear, monkeypatch):
    monkeypatch.setenv(notify.WATCHDOG_USEC, "20000000")
    monkeypatch.setenv(notify.WATCHDOG_PID, str(os.getpid()))
    notify.watchdog()
    assert ear.heard() == "WATCHDOG=1"
    monkeypatch.delenv(notify.WATCHDOG_PID)
    notify.watchdog()
    assert ear.heard() == "WATCHDOG=1"


@pytest.mark.parametrize(
    ("usec", "pid"), [("", ""), ("0", ""), ("20000000", "1"), ("soon", ""), ("20000000", "me")]
)
def test_nobody_is_told_of_the_watchdog_who_does_not_watch_us(ear, monkeypatch, usec, pid):
    monkeypatch.setenv(notify.WATCHDOG_USEC, usec)
    monkeypatch.setenv(notify.WATCHDOG_PID, pid)
    notify.watchdog()
    assert ear.nothing()


def test_a_status_is_one_line_and_short_and_never_half_a_letter(ear):
    notify.status("one\nREADY=1\r\n two")
    assert ear.heard() == "STATUS=one READY=1 two"
    notify.status("字" * 1000)
    assert ear.heard() == "STATUS=" + "字" * (notify.STATUS_BYTES // 3)
    notify.status(" \n")
    assert ear.nothing()


def test_without_the_variable_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    opened = []
    monkeypatch.setattr(socket, "socket", lambda *_: opened.append(1))
    notify.ready("x")
    notify.stopping()
    notify.status("x")
    assert opened == []


@pytest.mark.parametrize(
    "address",
    ["/nowhere/notify", "@nobody-is-here", "vsock:2:9999", "notify", "/" + "x" * 300, "@", "/"],
)
def test_a_manager_that_is_not_there_is_no_reason_to_stop(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert notify.ready("\udcff") is None
    assert notify.status("x") is None


def test_a_manager_that_does_not_read_never_holds_up_the_loop(ear):
    said = threading.Event()

    def say_much():
        for _ in range(20_000):
            notify.status("x" * 400)
        said.set()

    threading.Thread(target=say_much, daemon=True).start()
    assert said.wait(60), "20,000 messages that nobody read: the sender hangs"


def test_it_needs_nothing_but_the_standard_library():
    code = (
        "import sys; import hallctl.notify; "
        "print([m for m in sys.modules if m.split('.')[0] in ('zmq', 'pydantic', 'apsw', 'typer')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
