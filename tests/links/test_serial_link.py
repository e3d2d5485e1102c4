"""A serial line on a pty: what comes, what fits, and how its end is noticed."""

import fcntl
import os
import selectors
import tty

import pytest

from hallctl.links.base import LinkError
from hallctl.links.serial import SerialLink
from links.waiting import error_of, unprivileged, until


class Pty:
    """A device end, and a name that can be plugged anew like a by-path link."""

    def __init__(self, name):
        self.name = name
        self.plug()

    def plug(self):
        self.device, line = os.openpty()
        tty.setraw(line)
        self.name.unlink(missing_ok=True)
        self.name.symlink_to(os.ttyname(line))
        os.close(line)

    def unplug(self):
        os.close(self.device)
        self.device = -1
        self.name.unlink()


@pytest.fixture
def pty(tmp_path):
    pty = Pty(tmp_path / "port0")
    yield pty
    if pty.device >= 0:
        os.close(pty.device)


@pytest.fixture
def link(pty):
    link = SerialLink(str(pty.name))
    yield link
    link.close()


def test_bytes_go_both_ways_and_nothing_is_no_error(pty, link):
    fd = link.open()
    assert link.read() == b""
    os.write(pty.device, b"\xff\x68\x00")
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        assert selector.select(5)
    assert link.read() == b"\xff\x68\x00"
    assert link.write(b"ok\n") == 3
    assert os.read(pty.device, 9) == b"ok\n"


def test_a_device_that_takes_nothing_never_blocks_and_what_waits_is_counted(pty, link):
    link.open()
    taken = sum(link.write(b"x" * 4096) for _ in range(64))
    assert 0 < taken < 64 * 4096
    until(lambda: link.write(b"x") == 0)  # the kernel may still be carrying some over
    assert link.unsent() == 0  # a pty has handed it on; a real line counts what CTS holds back


def test_an_unplugged_adapter_is_noticed_while_reading(pty, link):
    link.open()
    pty.unplug()
    problem = error_of(link.read)
    assert str(pty.name) in problem.evidence
    assert problem.remedy == "设备没有插上：插回原来的口"


def test_an_unplugged_adapter_is_noticed_while_writing(pty, link):
    link.open()
    pty.unplug()
    problem = error_of(lambda: link.write(b"x"))
    assert "EIO 5" in problem.evidence
    assert problem.remedy == "设备没有插上：插回原来的口"


def test_a_broken_link_has_let_go_of_its_descriptor(pty, link):
    fd = link.open()
    pty.unplug()
    error_of(link.read)
    with pytest.raises(OSError, match="Bad file descriptor"):
        fcntl.fcntl(fd, fcntl.F_GETFD)


def test_a_line_that_is_plugged_in_again_opens_under_its_name(pty, link):
    link.open()
    pty.unplug()
    error_of(link.read)
    assert "ENOENT 2" in error_of(link.open).evidence
    pty.plug()
    link.open()
    os.write(pty.device, b"back")
    assert until(link.read) == b"back"


def test_what_came_before_the_opening_is_not_read(pty, link):
    line = os.open(pty.name, os.O_RDWR | os.O_NOCTTY)
    os.write(pty.device, b"stale")
    link.open()
    os.write(pty.device, b"new")
    assert until(link.read) == b"new"
    os.close(line)


def test_a_line_that_another_program_has_says_so(pty, link):
    link.open()
    problem = error_of(SerialLink(str(pty.name)).open)
    assert "EAGAIN 11" in problem.evidence
    assert problem.remedy == "串口被别的程序占用：关掉那个程序"
    link.close()
    link.open()


def test_a_missing_line_says_to_plug_it_in(tmp_path):
    problem = error_of(SerialLink(str(tmp_path / "none")).open)
    assert problem.evidence == f"{tmp_path}/none: ENOENT 2: No such file or directory"
    assert problem.remedy == "设备没有插上：插回原来的口"


@pytest.mark.parametrize("path", ["/dev/null", "/dev"])
def test_a_path_that_is_no_serial_line_says_so(path):
    assert error_of(SerialLink(path).open).remedy


def test_a_line_without_permission_names_the_group(pty, link):
    pty.name.chmod(0)
    with unprivileged():
        problem = error_of(link.open)
    assert "EACCES 13" in problem.evidence
    assert "dialout" in problem.remedy


def test_a_setting_the_line_does_not_have_is_named(pty):
    # A pty knows no parity: the one failure of this kind that can be had without hardware.
    link = SerialLink(str(pty.name), parity="even")
    problem = error_of(link.open)
    assert "EINVAL 22" in problem.evidence
    assert "parity" in problem.remedy


def test_hardware_flow_control_can_be_asked_for(pty):
    link = SerialLink(str(pty.name), rtscts=True)
    link.open()
    link.close()


def test_a_link_that_is_not_open_says_so(link):
    for act in (link.read, lambda: link.write(b"x")):
        with pytest.raises(LinkError, match="not open"):
            act()
    assert link.unsent() == 0
    link.close()
    link.close()
