"""Devices in words: what is said of each state, and what to do."""

from dataclasses import replace

import pytest

from hallctl.cli.seeing import Known, all_in_all, code_of, rows
from hallctl.core.hall import DeviceState, Hall, PrinterState
from hallctl.core.rules import Fitting
from sample import RULES

FITTINGS = (
    Fitting("printer-1", "printer", (), ("kiosk-1",)),
    Fitting("strips", "strip", (1, 2)),
    Fitting("voice-1", "voice"),
)
WIRE = {
    "is_open": True, "for_s": 5.0, "tries": 0, "retry_in_s": 0.0, "bytes_in": 4, "bytes_out": 12,
    "last_in": "01 02 03 04 05 06 07 08 09 0A", "last_out": "", "unsent": 0, "held": 0,
    "evidence": "", "remedy": "",
}  # fmt: skip
NOW = 1_795_397_400.0


def seen(name, link="up", parts=None, wire=None, lang="zh", left=None, printer=None, **state):
    """The row of one device, all others in order."""
    hall = Hall(rules=replace(RULES, fittings=FITTINGS))
    for fitting in FITTINGS:
        hall.devices[fitting.device] = DeviceState(fitting.device, "up")
    hall.devices[name] = DeviceState(name, link, NOW - 60, parts or {}, **state)
    if printer:
        hall.printers[name] = printer
    wires = {name: {**WIRE, **(wire or {})}}
    known = Known(hall, wires, {name: left}, {name: "some_driver"}, NOW)
    return next(row for row in rows(known, lang) if row.name == name)


def test_a_device_that_works_needs_nothing():
    row = seen("printer-1", parts={"paper": "ok", "cover": "closed", "state": "ready"})
    assert (row.health, row.words, row.mend) == ("fine", "在线", "")
    assert (row.kind, row.serves, row.driver) == ("printer", ("kiosk-1",), "some_driver")


def test_paper_that_is_left_is_told_in_tickets():
    assert seen("printer-1", left=120).words == "在线、纸约够 120 张票"


@pytest.mark.parametrize(
    ("parts", "words", "remedy"),
    [
        ({"paper": "out", "state": "offline"}, "没有纸了", "装上新纸"),
        ({"paper": "low"}, "纸快用完了", "新纸"),
        ({"cover": "open"}, "盖子开着", "按到底"),
        ({"state": "error"}, "设备自己报错", "关机"),
        ({"state": "offline"}, "设备在，但处于脱机状态", "联机"),
        ({"strip:1": "silent", "strip:2": "ready"}, "发出去的问话没有回答（1 号地址）", "地址"),
        ({"strip:1": "late"}, "回答超过了 answer_s 的时间（1 号地址）", "answer_s"),
        ({"lamp": "broken"}, "lamp broken", ""),
    ],
)
def test_what_a_device_says_is_wrong_is_said_with_what_to_do(parts, words, remedy):
    row = seen("printer-1", parts=parts)
    assert row.health == "wrong"
    assert row.words == words
    assert remedy in row.mend


def test_a_silent_voice_has_no_sound():
    assert code_of("voice", "state", "silent") == "no_sound"
    assert code_of("strip", "state", "silent") == "silence"


def test_a_device_that_never_told_its_state_is_not_known_to_be_well():
    row = seen("printer-1", parts={"paper": "unknown", "cover": "unknown", "state": "unknown"})
    assert row.health == "unsure"
    assert row.words == "在线，没有报过状态"
    assert seen("printer-1", parts={"paper": "unknown", "state": "ready"}).health == "fine"


def test_a_printer_that_has_answered_before_and_tells_nothing_now_is_wrong():
    parts = {"paper": "unknown", "cover": "unknown", "state": "unknown"}
    row = seen("printer-1", parts=parts, printer=PrinterState(speaks=True))
    assert (row.health, row.words) == ("wrong", "发出去的问话没有回答")
    assert "开机" in row.mend


def test_a_device_that_is_gone_is_said_since_when_why_and_what_to_do():
    wire = {
        "is_open": False,
        "tries": 3,
        "retry_in_s": 7.6,
        "evidence": "ENOENT 2",
        "remedy": "插回",
    }
    row = seen("strips", "down", evidence="ENODEV 19", remedy="等", wire=wire)
    assert row.health == "wrong"
    assert row.words == "断开，09:29 起"
    assert row.mend == "插回"
    for words in ("ENOENT 2", "已试 3 次", "8 秒"):
        assert words in row.evidence
    english = seen("strips", "down", remedy="等", wire=wire, lang="en")
    assert english.words == "down since 09:29"
    assert english.mend.isascii()


def test_a_wire_that_has_just_shut_is_gone_before_the_hall_has_heard_of_it():
    row = seen("strips", wire={"is_open": False, "tries": 1, "for_s": 120.0})
    assert row.words == "断开，09:28 起"


def test_a_device_nobody_has_heard_of_is_not_well():
    assert seen("strips", "unknown").health == "wrong"


def test_the_evidence_has_the_last_bytes_and_what_waits():
    row = seen("strips", wire={"held": 2, "unsent": 30})
    assert "← …03 04 05 06 07 08 09 0A" in row.evidence
    assert "→" not in row.evidence
    assert "收 4 发 12 字节" in row.evidence
    assert "2 件事等它恢复" in row.evidence
    assert "30 字节" in row.evidence


def test_all_in_all_wrong_comes_before_not_known():
    fine, wrong = seen("voice-1"), seen("voice-1", "down")
    unsure = seen("printer-1", parts={"state": "unknown"})
    assert all_in_all([fine], "zh") == (0, "1 台设备都正常")
    assert all_in_all([fine, unsure], "zh")[0] == 3
    status, words = all_in_all([fine, unsure, wrong], "zh")
    assert status == 1
    assert "voice-1" in words
    assert all_in_all([], "en") == (0, "devices.yaml has no devices")
