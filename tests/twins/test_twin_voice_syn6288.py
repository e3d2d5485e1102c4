"""The twin of the speaking module: what it takes for a frame, and what it says of being cut."""

import itertools

import pytest

from hallctl.simulator.twins.voice_syn6288 import VoiceSyn6288Twin

STOP, STATE = bytes.fromhex("FD 00 02 02 FD"), bytes.fromhex("FD 00 02 21 DE")
VECTOR = "请A001号到3号窗口办理"
FRAME = bytes.fromhex(
    "FD 00 18 01 01 C7 EB 41 30 30 31 BA C5 B5 BD 33 BA C5 B4 B0 BF DA B0 EC C0 ED 92"
)


def framed(body):
    check = 0
    whole = b"\xfd" + (len(body) + 1).to_bytes(2, "big") + body
    for byte in whole:
        check ^= byte
    return whole + bytes((check,))


def texts(twin, where):
    return [speech["text"] for speech in twin.state()[where]]


def module():
    return VoiceSyn6288Twin({})


def run(twin, begin, end):
    """Wake it as a wire does; what it says by itself."""
    return b"".join(twin.wake(begin + step / 20) for step in range(round((end - begin) * 20)))


@pytest.mark.parametrize("sizes", [[1], [2, 7], [400]])
@pytest.mark.parametrize("dirt", [b"", b"\x00\x41", b"\x81" * 300])
def test_it_says_the_text_of_the_description_behind_any_dirt_in_any_pieces(sizes, dirt):
    twin, size, wire, answers = module(), itertools.cycle(sizes), dirt + FRAME, b""
    while wire:
        step = next(size)
        answers += twin.receive(wire[:step], 0.0)
        wire = wire[step:]
    assert answers == b"\x41"
    assert twin.state()["saying"] == VECTOR
    assert run(twin, 0.0, 4.0) == b"\x4f"
    assert texts(twin, "spoken") == [VECTOR]
    assert bool(twin.state()["bad"]) == bool(dirt)


def test_it_says_whether_it_is_busy():
    twin = module()
    assert twin.receive(STATE, 0.0) == b"\x41\x4f"
    twin.receive(FRAME, 0.1)
    assert twin.receive(STATE, 0.2) == b"\x41\x4e"
    run(twin, 0.2, 4.0)
    assert twin.receive(STATE, 4.0) == b"\x41\x4f"


def test_it_takes_as_long_as_a_person_would():
    twin = module()
    twin.receive(FRAME, 0.0)
    assert run(twin, 0.0, 2.5) == b""
    assert run(twin, 2.5, 3.5) == b"\x4f"


def test_a_new_text_cuts_the_one_it_says():
    twin = module()
    twin.receive(FRAME, 0.0)
    twin.receive(framed(b"\x01\x01" + "二".encode("gbk")), 1.0)
    run(twin, 1.0, 4.0)
    assert (texts(twin, "spoken"), texts(twin, "cut")) == (["二"], [VECTOR])


def test_a_stop_is_told_apart_from_a_cut():
    twin = module()
    twin.receive(FRAME, 0.0)
    assert twin.receive(STOP, 1.0) == b"\x41"
    assert run(twin, 1.0, 4.0) == b""
    assert (texts(twin, "stopped"), texts(twin, "cut")) == ([VECTOR], [])


@pytest.mark.parametrize(
    "wrong",
    [
        FRAME[:-1] + b"\x93",
        framed(b"\x01\x01" + b"A" * 201),
        framed(b"\x01\x01\xc7"),
        framed(b"\x01\x07" + "请".encode("gbk")),
        framed(b"\x77"),
        b"\xfd\x00\x00",
    ],
    ids=["xor", "too long", "half a hanzi", "encoding", "command", "no length"],
)
def test_it_refuses_what_is_no_frame_and_takes_the_next(wrong):
    twin = module()
    assert twin.receive(wrong, 0.0)[:1] == b"\x45"
    assert twin.state()["bad"]
    assert twin.state()["saying"] == ""
    assert twin.receive(FRAME, 1.0) == b"\x41"


def test_two_hundred_bytes_are_not_too_long():
    assert module().receive(framed(b"\x01\x01" + b"A" * 200), 0.0) == b"\x41"


def test_half_a_frame_is_forgotten_when_the_line_is_still():
    twin = module()
    assert twin.receive(FRAME[:9], 0.0) == b""
    assert twin.receive(FRAME, 1.0) == b"\x41"


@pytest.mark.parametrize(
    ("encoding", "code"), [("gb2312", 0), ("gbk", 1), ("big5", 2), ("utf-16-be", 3)]
)
def test_it_reads_its_four_encodings(encoding, code):
    twin = module()
    twin.receive(framed(bytes((1, code)) + "到二".encode(encoding)), 0.0)
    assert twin.state()["saying"] == "到二"


def test_tags_are_obeyed_and_not_said():
    slow, fast = module(), module()
    slow.receive(framed(b"\x01\x01[v16][t0]" + "一二三四".encode("gbk")), 0.0)
    fast.receive(framed(b"\x01\x01[v99][t5]" + "一二三四".encode("gbk")), 0.0)
    for twin in (slow, fast):
        run(twin, 0.0, 4.0)
    (one,), (other,) = slow.state()["spoken"], fast.state()["spoken"]
    assert (one["text"], one["volume"], other["volume"]) == ("一二三四", 16, 16)
    assert one["lasts_s"] > other["lasts_s"]


def test_without_power_it_hears_nothing_and_says_so_when_it_has_it_again():
    twin = module()
    twin.receive(FRAME, 0.0)
    assert twin.press({"do": "off"}, 1.0) == b""
    assert twin.receive(STATE, 1.1) + run(twin, 1.1, 5.0) == b""
    assert twin.press({"do": "on"}, 5.0) == b"\x4a"
    assert twin.receive(STATE, 5.1) == b"\x41\x4f"
    assert (texts(twin, "spoken"), texts(twin, "cut")) == ([], [VECTOR])


def test_there_is_no_other_button():
    with pytest.raises(ValueError, match="nothing to press"):
        module().press({"key": "call"}, 0.0)


@pytest.mark.parametrize(
    ("fault", "to_text", "to_state"),
    [
        ("deaf", b"", b""),
        ("error", b"\x45", b"\x41\x4f"),
        ("no_sound", b"\x41", b"\x41\x4f"),
        ("busy_forever", b"\x41", b"\x41\x4e"),
    ],
)
def test_each_fault_answers_as_it_is_named(fault, to_text, to_state):
    twin = module()
    twin.fault(fault, True)
    assert twin.receive(FRAME, 0.0) == to_text
    run(twin, 0.0, 4.0)
    assert twin.receive(STATE, 5.0) == to_state
