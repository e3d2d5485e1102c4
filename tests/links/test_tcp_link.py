"""A device on the network, on 127.0.0.1: refusing, closing, resetting, not reading, silent."""

import socket
import struct
import time

import pytest

from hallctl.links import tcp
from hallctl.links.base import LinkError
from hallctl.links.tcp import TcpLink
from links.waiting import error_of, until


class Peer:
    """A listening device; `take` is its end of the connection."""

    def __init__(self, backlog=1):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(backlog)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def take(self):
        end, _ = self.listener.accept()
        end.settimeout(5)
        return end


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.listener.close()


@pytest.fixture
def link(peer):
    link = TcpLink(peer.address)
    yield link
    link.close()


def test_bytes_go_both_ways_and_nothing_is_no_error(peer, link):
    assert link.open() >= 0
    with peer.take() as device:
        assert link.read() == b""
        device.sendall(b"\x12")
        assert until(link.read) == b"\x12"
        assert link.write(b"\x10\x04\x01") == 3
        assert device.recv(9) == b"\x10\x04\x01"
        until(lambda: link.unsent() == 0)


def test_a_device_that_takes_nothing_never_blocks_and_what_waits_is_counted(peer, link):
    link.open()
    with peer.take():
        until(lambda: not link.write(b"x" * 65536))
        until(lambda: link.write(b"x") == 0)  # the kernel may still be carrying some over
        assert link.unsent() > 0


def test_a_closed_port_is_told_from_an_absent_device(peer, link):
    peer.listener.close()
    problem = error_of(link.open)
    assert problem.evidence == f"{peer.address}: ECONNREFUSED 111: Connection refused"
    assert problem.remedy.startswith("设备在线但端口没开")


def test_the_device_that_hangs_up_is_noticed_while_reading(peer, link):
    link.open()
    peer.take().close()
    problem = error_of(link.read)
    assert problem.evidence == f"{peer.address}: closed by the device"
    with pytest.raises(LinkError, match="not open"):
        link.read()


def test_what_the_device_said_before_it_hung_up_is_still_read(peer, link):
    link.open()
    with peer.take() as device:
        device.sendall(b"last words")
    assert until(link.read) == b"last words"
    error_of(link.read)


@pytest.mark.parametrize("act", ["read", "write"])
def test_a_reset_is_noticed(peer, link, act):
    link.open()
    device = peer.take()
    device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    device.close()
    problem = error_of(link.read if act == "read" else lambda: link.write(b"x"))
    assert "ECONNRESET 104" in problem.evidence or "EPIPE 32" in problem.evidence


def test_a_link_opens_again_after_it_broke(peer, link):
    link.open()
    peer.take().close()
    error_of(link.read)
    link.open()
    with peer.take() as device:
        device.sendall(b"back")
        assert until(link.read) == b"back"


def test_a_connection_has_a_deadline(monkeypatch):
    # A listener whose queue is full answers no further connection: the nearest to a device whose
    # cable is out that a computer alone can give.
    monkeypatch.setattr(tcp, "CONNECT_S", 0.2)
    peer = Peer(backlog=0)
    with socket.create_connection(("127.0.0.1", peer.port)):
        begun = time.monotonic()
        problem = error_of(TcpLink(peer.address).open)
        assert time.monotonic() - begun >= 0.2
    peer.listener.close()
    assert "ETIMEDOUT 110" in problem.evidence
    assert problem.remedy.startswith("设备没有回应")


def test_the_deadline_holds_for_all_addresses_of_a_name_together(monkeypatch):
    monkeypatch.setattr(tcp, "CONNECT_S", 0.2)
    peer = Peer(backlog=0)
    one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", peer.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 1000)
    with socket.create_connection(("127.0.0.1", peer.port)):
        begun = time.monotonic()
        error_of(TcpLink(peer.address).open)
        assert time.monotonic() - begun < 100  # a thousand deadlines would be 200 s
    peer.listener.close()


def test_a_name_that_nobody_knows_is_told_from_an_absent_device(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    problem = error_of(TcpLink("printer.internal:9100").open)
    assert problem.evidence == "printer.internal:9100: EAI_NONAME -2: Name or service not known"
    assert problem.remedy.startswith("找不到这个名字")


def test_a_name_that_cannot_be_one_is_told_like_an_unknown_one():
    assert error_of(TcpLink("printer..internal:9100").open).remedy.startswith("找不到这个名字")


def test_a_second_address_is_tried_when_the_first_refuses(peer, monkeypatch):
    closed = Peer()
    closed.listener.close()
    places = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        for port in (closed.port, peer.port)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    link = TcpLink("printer.example:9100")
    link.open()
    peer.take().close()
    link.close()


def test_a_peer_that_vanishes_is_looked_for_while_nothing_is_sent(peer, link):
    fd = link.open()
    with peer.take(), socket.socket(fileno=fd) as same:
        assert same.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        option = {n: same.getsockopt(6, getattr(socket, f"TCP_{n}")) for n in (
            "KEEPIDLE", "KEEPINTVL", "KEEPCNT", "USER_TIMEOUT",
        )}  # fmt: skip
        same.detach()
    idle_s = option["KEEPIDLE"] + option["KEEPINTVL"] * option["KEEPCNT"]
    assert idle_s <= 25
    assert option["USER_TIMEOUT"] == 20_000


def test_a_peer_that_takes_no_byte_for_too_long_is_given_up(peer):
    # Linux counts a window that stays shut like a peer that acknowledges nothing. A peer that is
    # truly gone takes a cut cable: tests/vm.
    link = TcpLink(peer.address, gone_s=1)
    link.open()
    with peer.take():
        problem = error_of(lambda: link.write(b"x" * 65536) and None)
    assert "ETIMEDOUT 110" in problem.evidence
    assert problem.remedy.startswith("设备没有回应")


def test_an_ipv6_address_is_asked_for_without_its_brackets(monkeypatch):
    asked = []

    def noted(*where, **_):
        asked.append(where)
        raise socket.gaierror(socket.EAI_ADDRFAMILY, "no IPv6 here")

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    error_of(TcpLink("[::1]:9100").open)
    assert asked == [("::1", 9100)]


def test_a_link_that_is_not_open_says_so(link):
    for act in (link.read, lambda: link.write(b"x")):
        with pytest.raises(LinkError, match="not open"):
            act()
    assert link.unsent() == 0
    link.close()
