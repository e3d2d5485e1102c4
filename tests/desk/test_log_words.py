"""The desk's log has a sentence for everything that happens, or says nothing on purpose."""

import re
import typing
from dataclasses import MISSING, fields, replace
from pathlib import Path

import pytest

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.applying import apply
from hallctl.core.decide import decide
from hallctl.core.rules import Item, Staff
from hallctl.simulator import words
from hallctl.simulator.words import SILENT, sentence
from sample import RULES, Bench

TONES = {"call", "good", "warn", "bad", "plain"}
GIVEN = {
    "opening": "lunch",
    "back_to": "held",
    "level": "red",
    "klass": "priority",
    "rules": RULES,
    "language": "zh",
    "part": "paper",
    "result": "failed",
    "stage": "called",
    "reason": "done",
}


def example(event):
    """An event with a value for every field, of nothing that the hall knows."""
    values = {}
    types = typing.get_type_hints(event)
    for field in fields(event):
        kind = types[field.name]
        if field.name in GIVEN:
            values[field.name] = GIVEN[field.name]
        elif field.default is MISSING and field.default_factory is MISSING:
            blank = {str: "x", int: 3, float: 1.0, bool: True}
            values[field.name] = blank.get(kind) or (typing.get_origin(kind) or tuple)()
    return event(**values)


def told(event, hall):
    return sentence(e.Recorded(1, "e", 0.0, 0.0, "test", "c1", event), hall)


@pytest.mark.parametrize("event", e.EVENTS, ids=lambda event: event.__name__)
def test_every_event_has_a_sentence_or_is_silent_on_purpose(event):
    assert (event in SILENT) != (event in words._HOW)
    if event in SILENT:
        return
    said = told(example(event), Bench().hall)
    if event is e.CallShown:  # only of a call that is still known
        assert said is None
        return
    tone, line = said
    assert tone in TONES
    assert re.search(r"[\u4e00-\u9fff]", line)


def bench():
    more = (Item("SB02", "社保卡办理", "A", "social"),)
    staff = (Staff("1001", post_a=(1,)),)
    return Bench(replace(RULES, items=(*RULES.items, *more), staff=staff))


def lines(bench):
    return [s[1] for r in bench.recorded if (s := sentence(r, bench.hall))]


def test_the_log_tells_a_day_of_acts_in_words_of_the_hall():
    hall = bench()
    for command in (
        c.SignOn(window=1, staff="1001"),
        c.IssueTicket(queue="A"),
        c.IssueTicket(queue="A", klass="priority"),
        c.CallNext(window=1),
        c.Undo(window=1),
        c.CallNext(window=1),
        c.AddMatter(visit="A002", item="SB02"),
        c.Start(window=1),
        c.Hold(window=1, reason="去复印"),
        c.Undo(window=1),
        c.Transfer(window=1, to_window=2),
        c.ChangeClass(visit="A001", klass="priority"),
        c.CancelTicket(visit="A001"),
        c.ServeWalkUp(window=1),
        c.CloseQueue(queue="B", reason="系统维护"),
        c.SetNotices(notices=("今天下午停电",)),
        c.ExtendHours(until_day_s=18 * 3600 + 1800),
    ):
        hall.ask(command)
    told = "\n".join(lines(hall))
    for words_ in (
        "1 号窗口 工号 1001 登录（A 岗）",
        "1 号窗口叫 A002：优先",
        "叫 A002 已撤回（按错），回到队列",
        "A002 加办“社保卡办理”",
        "1 号窗口挂起 A002：去复印",
        "1 号窗口撤回“挂起”：A002",
        "1 号窗口把 A002 转到2 号窗口",
        "A001 改为优先",
        "A001 作废：居民取消",
        "1 号窗口直接受理 A003（不叫号）",
        "社会保障今天不再取号：系统维护",
        "大屏通知改为 1 条",
        "延时服务到 18:30",
    ):
        assert words_ in told, told


def test_every_refusal_a_key_can_meet_is_told_in_words():
    acts = Path(decide.__code__.co_filename).parent / "acts"
    sources = [acts / f"{name}.py" for name in ("calling", "serving", "places")]
    codes = {code for path in sources for code in re.findall(r'Refused\("(\w+)"', path.read_text())}
    not_by_key = {
        "bad_grade", "queue_open", "queue_closed", "queue_twice", "helps_nobody",
        "helping_already", "extend_later", "no_help", "unknown_queue", "signed_on_already",
        "unknown_reason",
    }  # fmt: skip
    assert codes - not_by_key - words._REFUSED.keys() == set()
    assert not_by_key <= codes


def test_the_log_tells_a_self_test_step_by_step():
    hall = Bench().hall
    begun = e.DeviceTestBegun(test="t1", device="strips", level="external")
    apply(hall, e.Recorded(hall.seq + 1, "e", 0.0, 0.0, "test", "c1", begun))
    found = e.DeviceTestFound(test="t1", step="answer:3", result="failed", code="silence")
    asked = e.DeviceTestAsked(test="t1", step="key:call", window=3, wait_s=10.0)
    ended = e.DeviceTestEnded(test="t1", device="strips", result="failed")
    assert told(begun, hall) == ("plain", "strips 开始自检（设备自己做）")
    assert told(found, hall) == ("bad", "strips 自检，回答 3：发出去的问话没有回答")
    assert told(asked, hall)[0] == "call"
    assert all(words_ in told(asked, hall)[1] for words_ in ("3 号窗口", "顺呼", "10 秒"))
    assert told(ended, hall) == ("bad", "strips 自检结束：不合格")
