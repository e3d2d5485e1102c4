"""What just happened, in the sentences people of the hall would use (the desk's log)."""

from collections.abc import Callable
from typing import Any

from hallctl.core import events as e
from hallctl.core.hall import Hall

KEYS = {
    "call": "呼叫",
    "recall": "重呼",
    "rate": "评价",
    "cancel": "取消",
    "confirm": "确认",
    "line": "排队",
    "pause": "暂停",
    "transfer": "转移",
    "no_show": "过号",
    "hold": "挂起",
    "resume": "回呼",
    "start": "开始",
    "finish": "办结",
}
_REFUSED = {
    "nobody_waits": "没有人等候",
    "called_not_come": "叫了还没来，请按重呼或过号",
    "nobody_here": "窗口没有号",
    "not_called": "没有正在叫的号",
    "already_serving": "正在办理",
    "too_soon": "刚叫过，稍等再叫",
    "too_often": "叫的次数够了，请按过号",
    "no_show_early": "叫的次数还不够",
    "paused": "窗口已经暂停",
    "not_paused": "窗口没有暂停",
    "busy": "请先办完再暂停",
    "no_rating": "没有等待评价的办件",
    "unknown_label": "没有这个号",
    "not_served_here": "本窗口不办这个队列",
    "not_callable": "这个号现在不能叫",
    "no_key": "这个键现在不起作用",
}
_REASONS = {
    "paper_out": "没有纸",
    "cover_open": "盖子开着",
    "offline": "打印机离线",
    "link_down": "线断了",
    "no_answer": "打印机没有回话",
    "silent": "打印机没有回话",
    "error": "打印机故障",
    "too_late": "等得太久",
}
_PARTS = {"paper": "纸", "cover": "盖子", "state": "状态"}
_STATES = {
    "ok": "够用",
    "low": "快用完",
    "out": "用完了",
    "unknown": "不清楚",
    "closed": "合上",
    "open": "打开",
    "ready": "正常",
    "offline": "离线",
    "error": "故障",
}
_PAPERS = {"ticket": "号票", "materials": "材料清单"}

Sentence = tuple[str, str]
"""A tone (call, good, warn, bad, plain) and the words."""


def sentence(recorded: e.Recorded, hall: Hall) -> Sentence | None:
    """What to say of an event; None for what is not worth a line."""
    how = _HOW.get(type(recorded.event))
    return how(recorded.event, hall) if how else None


def _label(hall: Hall, visit: str) -> str:
    found = hall.visits.get(visit)
    return found.label if found else "？"


def _job(hall: Hall, job: str) -> str:
    found = hall.jobs.get(job)
    if found is None:
        return "小票"
    label = f"{_label(hall, found.visit)} 的" if found.visit in hall.visits else ""
    return f"{label}{_PAPERS[found.purpose]}"


def _issued(event: e.TicketIssued, hall: Hall) -> Sentence:
    queue = hall.rules.queue(event.queue) if hall.rules else None
    name = queue.name if queue else event.queue
    first = "优先，" if event.klass == "priority" else ""
    return "good", f"取号 {event.label}（{name}），{first}前面 {event.ahead} 人"


def _slip_printed(event: e.SlipPrinted, hall: Hall) -> Sentence:
    if event.proven:
        return "good", f"{_job(hall, event.job)}打出来了"
    return "plain", f"{_job(hall, event.job)}已送出，打印机没有回话"


def _sensed(event: e.DeviceSensed, _: Hall) -> Sentence:
    calm = event.state in ("ok", "ready", "closed")
    part, state = _PARTS.get(event.part, event.part), _STATES.get(event.state, event.state)
    return "plain" if calm else "warn", f"{event.device}：{part}{state}"


def _refused(event: e.KeyRefused, _: Hall) -> Sentence:
    key, why = KEYS.get(event.key, event.key), _REFUSED.get(event.code, event.code)
    return "warn", f"{event.window} 号窗口按“{key}”没有受理：{why}"


def _shown(event: e.CallShown, hall: Hall) -> Sentence | None:
    call = next((c for c in hall.calls if c.seq == event.shown), None)
    return ("plain", f"{event.screen} 已显示 {call.label}") if call else None


def _closed(event: e.RatingClosed, hall: Hall) -> Sentence:
    end = "评价已收到" if event.rated else "没有评价"
    return "good" if event.rated else "plain", (
        f"{event.window} 号窗口 {_label(hall, event.visit)} {end}"
    )


def _why(reason: str) -> str:
    return _REASONS.get(reason, reason)


_HOW: dict[type[e.Event], Callable[[Any, Hall], Sentence | None]] = {
    e.EpochBegun: lambda v, _: ("plain", f"流水账开始（{v.reason}）"),
    e.DayOpened: lambda v, _: ("plain", f"{v.day} 的办公日开始"),
    e.RulesSet: lambda v, _: ("plain", f"规则生效：{len(v.rules.windows)} 个窗口"),
    e.TicketIssued: _issued,
    e.TicketCalled: lambda v, _: ("call", f"{v.window} 号窗口叫 {v.label}"),
    e.TicketRecalled: lambda v, _: ("call", f"{v.window} 号窗口重呼 {v.label}，第 {v.times} 次"),
    e.ServiceStarted: lambda v, h: ("plain", f"{v.window} 号窗口开始办理 {_label(h, v.visit)}"),
    e.ServiceFinished: lambda v, h: ("good", f"{v.window} 号窗口办结 {_label(h, v.visit)}"),
    e.RatingClosed: _closed,
    e.TicketMissed: lambda v, _: ("warn", f"{v.window} 号窗口 {v.label} 过号"),
    e.TicketVoided: lambda v, _: ("warn", f"{v.label} 作废"),
    e.WindowPaused: lambda v, _: ("warn", f"{v.window} 号窗口暂停"),
    e.WindowResumed: lambda v, _: ("good", f"{v.window} 号窗口恢复"),
    e.SlipHeld: lambda v, h: ("warn", f"{_job(h, v.job)}先等着：{_why(v.reason)}"),
    e.SlipPrinted: _slip_printed,
    e.SlipDoubtful: lambda v, h: ("bad", f"{_job(h, v.job)}可能没打全：{_why(v.reason)}"),
    e.SlipFailed: lambda v, h: ("bad", f"{_job(h, v.job)}没有打印：{_why(v.reason)}"),
    e.DeviceUp: lambda v, _: ("good", f"{v.device} 已连上"),
    e.DeviceDown: lambda v, _: ("bad", f"{v.device} 断开：{v.remedy or v.evidence}"),
    e.DeviceSensed: _sensed,
    e.DeviceFaulted: lambda v, _: ("warn", f"{v.device} 传来看不懂的字节（{v.code}）"),
    e.KeyRefused: _refused,
    e.HelpAsked: lambda v, _: ("call", f"{v.place} 有人叫帮忙"),
    e.HelpAnswered: lambda v, _: ("good", f"有人去 {v.place} 了"),
    e.CallShown: _shown,
    e.CallAnnounced: lambda v, h: ("plain", f"{v.device} 已播报 {_label(h, v.visit)}"),
}
