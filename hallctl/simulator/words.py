"""What just happened, in the sentences people of the hall would use (the desk's log)."""

from collections.abc import Callable
from typing import Any

from hallctl.core import events as e
from hallctl.core.hall import Hall
from hallctl.simulator.voice_words import CONDITIONS, VOICES, Sentence
from hallctl.texts import knows, say
from hallctl.texts.findings import detail_words, found_words, step_words

KEYS = {
    "call": "呼叫",
    "recall": "重呼",
    "rate": "评价",
    "cancel": "撤回",
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
    "not_said_yet": "还没播报完，稍等再叫",
    "too_often": "叫的次数够了，请按过号",
    "no_show_early": "叫的次数还不够",
    "paused": "窗口已经暂停",
    "bounce": "同一下按出了两次，只算一次",
    "not_paused": "窗口没有暂停",
    "busy": "请先办完再暂停",
    "no_rating": "没有等待评价的办件",
    "unknown_label": "没有这个号",
    "not_served_here": "本窗口不办这个队列",
    "not_callable": "这个号现在不能叫",
    "no_key": "这个键现在不起作用",
    "matters_left": "这张票还有事项没办",
    "not_held": "这个号没有挂起",
    "nothing_held": "本窗口没有挂起的号",
    "nothing_to_undo": "没有可以撤回的操作",
    "undo_late": "时间过了，不能撤回",
    "not_possible": "这个号现在不能这样做",
    "unknown_window": "没有这个窗口",
    "window_serves_not": "那个窗口不办这个队列",
    "same_window": "已经在这个窗口",
    "not_signed_on": "窗口没有人登录",
    "unknown_staff": "没有这个工号",
    "signed_on_elsewhere": "这个工号已在别的窗口登录",
    "window_taken": "窗口有人登录着，请先退出",
    "cover_reason": "不是本窗口 A 岗，要说明顶岗原因",
}
_REASONS = {
    "paper_out": "没有纸",
    "cover_open": "盖子开着",
    "cutter_error": "切刀卡住",
    "unplugged": "线断了",
    "offline": "打印机离线",
    "link_down": "线断了",
    "no_answer": "打印机没有回话",
    "silent": "打印机没有回话",
    "error": "打印机故障",
    "too_late": "等得太久",
    "expired": "等得太久，不再打",
    "queue_full": "等着打的太多",
    "restart": "大厅重新启动",
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
    "silent": "不回话",
    "late": "回答太晚",
}
CALM = ("ok", "ready", "closed")
"""States of a device's parts that need nobody."""

_OPENINGS = {
    "before": "还没上班",
    "open": "开始办公",
    "lunch": "午休",
    "after": "下班，不再接新号",
    "holiday": "今天不办公",
}
_BACK = {"waiting": "回到队列", "held": "仍挂起", "no_show": "仍过号"}
_WITHDRAWN = {"undo": "按错", "window_paused": "窗口暂停", "signed_off": "窗口退出"}
_VOIDED = {"cancelled": "居民取消", "day_end": "当天结束", "missed_twice": "重排后又过号"}
_PAPERS = {
    "ticket": "号票",
    "materials": "材料清单",
    "notice": "一次性告知单",
    "tests": "自检结果",
    "rehearsal": "测试票",
}
_FAULTS = {
    "card_unread": "这张证读不出来",
    "unknown_key": "按了没有用途的键",
    "unknown_address": "有人答话，地址不认识",
    "queue_full": "要播的太多，丢了一条",
}

_LEVELS = {"internal": "只问设备", "external": "设备自己做", "interactive": "有人操作"}
_RESULTS = {
    "passed": ("good", "合格"),
    "failed": ("bad", "不合格"),
    "untested": ("plain", "没有全测到"),
}


def sentence(recorded: e.Recorded, hall: Hall) -> Sentence | None:
    """What to say of an event; None for what is not worth a line."""
    how = _HOW.get(type(recorded.event))
    return how(recorded.event, hall) if how else None


def _label(hall: Hall, visit: str) -> str:
    found = hall.visits.get(visit)
    return found.label if found else "？"


def _item(hall: Hall, code: str) -> str:
    found = hall.rules.item(code) if hall.rules else None
    return found.name if found else code or "（没有定事项）"


def _queue(hall: Hall, queue: str) -> str:
    found = hall.rules.queue(queue) if hall.rules else None
    return found.name if found else queue


def _because(reason: str) -> str:
    return f"：{reason}" if reason else ""


def _job(hall: Hall, job: str) -> str:
    found = hall.jobs.get(job)
    if found is None:
        return "小票"
    label = f"{_label(hall, found.visit)} 的" if found.visit in hall.visits else ""
    return f"{label}{_PAPERS[found.purpose]}"


def _issued(event: e.TicketIssued, hall: Hall) -> Sentence:
    first = "优先，" if event.klass == "priority" else ""
    behind = f"，{_label(hall, event.behind)} 没办成" if event.behind else ""
    name = _queue(hall, event.queue)
    return "good", f"取号 {event.label}（{name}），{first}前面 {event.ahead} 人{behind}"


def _called(event: e.TicketCalled, _: Hall) -> Sentence:
    if event.quiet:
        return "plain", f"{event.window} 号窗口直接受理 {event.label}（不叫号）"
    return "call", f"{event.window} 号窗口叫 {event.label}：{event.why}"


def _voided(event: e.TicketVoided, _: Hall) -> Sentence:
    return "warn", f"{event.label} 作废：{_VOIDED.get(event.reason, event.reason)}"


def _transferred(event: e.VisitTransferred, hall: Hall) -> Sentence:
    goal = f"{event.to_window} 号窗口" if event.to_window else f"{_queue(hall, event.queue)}队列"
    return "plain", f"{event.window} 号窗口把 {event.label} 转到{goal}，号和位置不变"


def _withdrawn(event: e.CallWithdrawn, _: Hall) -> Sentence:
    why = _WITHDRAWN.get(event.reason, event.reason)
    return "warn", f"{event.window} 号窗口叫 {event.label} 已撤回（{why}），{_BACK[event.back_to]}"


def _undone(what: str) -> Callable[[Any, Hall], Sentence]:
    return lambda v, h: ("warn", f"{v.window} 号窗口撤回“{what}”：{_label(h, v.visit)}")


def _matter_finished(event: e.MatterFinished, hall: Hall) -> Sentence:
    done, following = _item(hall, event.item), _item(hall, event.next_item)
    label = _label(hall, event.visit)
    return "good", f"{event.window} 号窗口 {label} 办完“{done}”，接着办“{following}”"


def _class_changed(event: e.ClassChanged, hall: Hall) -> Sentence:
    klass = "优先" if event.klass == "priority" else "普通"
    return "plain", f"{_label(hall, event.visit)} 改为{klass}，位置照取号时间重算"


def _signed_on(event: e.StaffSignedOn, _: Hall) -> Sentence:
    post = f"（{event.post} 岗）" if event.post else ""
    words = f"{event.window} 号窗口 工号 {event.staff} 登录{post}"
    return "good", words


def _queues_set(event: e.WindowQueuesSet, hall: Hall) -> Sentence:
    names = "、".join(_queue(hall, q) for q in event.queues) or "照 hall.yaml"
    return "plain", f"{event.window} 号窗口今天办：{names}"


def _notices_set(event: e.NoticesSet, _: Hall) -> Sentence:
    return "plain", f"大屏通知改为 {len(event.notices)} 条" if event.notices else "大屏通知照原样"


def _extended(event: e.HoursExtended, _: Hall) -> Sentence:
    hour, minute = divmod(event.until_day_s // 60, 60)
    return "good", f"延时服务到 {hour}:{minute:02d}"


def _alert_raised(event: e.AlertRaised, _: Hall) -> Sentence:
    return "bad" if event.level == "red" else "warn", f"提醒：{event.words}"


def _day_closed(event: e.DayClosed, _: Hall) -> Sentence:
    counts = f"取号 {event.issued}，办结 {event.finished}，过号 {event.missed}，作废 {event.voided}"
    return "plain", f"{event.day} 结束：{counts}"


def _paused(event: e.WindowPaused, _: Hall) -> Sentence:
    return "warn", f"{event.window} 号窗口暂停{_because(event.reason)}"


def _slip_printed(event: e.SlipPrinted, hall: Hall) -> Sentence:
    if event.proven:
        return "good", f"{_job(hall, event.job)}打出来了"
    return "plain", f"{_job(hall, event.job)}已送出，打印机没有回话"


def part_words(hall: Hall, device: str, part: str, state: str) -> str:
    """A part of a device and the state it is in, as 纸快用完."""
    fitting = hall.rules.fitting(device) if hall.rules else None
    if fitting is not None and fitting.kind == "voice" and (part, state) in CONDITIONS:
        return CONDITIONS[part, state]
    return f"{_PARTS.get(part, part)}{_STATES.get(state, state)}"


def _sensed(event: e.DeviceSensed, hall: Hall) -> Sentence:
    tone = "plain" if event.state in CALM else "warn"
    return tone, f"{event.device}：{part_words(hall, event.device, event.part, event.state)}"


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


def _faulted(event: e.DeviceFaulted, _: Hall) -> Sentence:
    words = _FAULTS.get(event.code, "传来看不懂的字节")
    if event.code not in {"garbage", "noise"} and knows(f"found.{event.code}"):
        words = say("zh", f"found.{event.code}")
    return "warn", f"{event.device} {words}（{event.code}）"


def _tested(hall: Hall, test: str) -> str:
    found = hall.tests.get(test)
    return f"{found.device} 自检" if found else "自检"


def _test_asked(event: e.DeviceTestAsked, hall: Hall) -> Sentence:
    test = hall.tests.get(event.test)
    key = f"ask.{event.step.partition(':')[0]}"
    place = say("zh", "ask.window", window=event.window)
    if not event.window:
        place = say("zh", "ask.device", device=test.device if test else "？")
    what, wait = detail_words("zh", event.step), f"{event.wait_s:.0f}"
    return "call", say("zh", key if knows(key) else "ask.any", place=place, what=what, wait=wait)


def _test_found(event: e.DeviceTestFound, hall: Hall) -> Sentence:
    """Every step has a line: the desk is where one looks at how a self-test goes."""
    found = found_words("zh", event.result, event.code)
    tone = _RESULTS[event.result][0] if event.result == "failed" else "plain"
    return tone, f"{_tested(hall, event.test)}，{step_words('zh', event.step)}：{found}"


def _test_ended(event: e.DeviceTestEnded, _: Hall) -> Sentence:
    tone, words = _RESULTS[event.result]
    return tone, f"{event.device} 自检结束：{words}"


def _rehearsed(stage: str, window: int) -> str:
    return f"{window} 号窗口演练：{say('zh', f'visit.{stage}', window=window)}"


def _why(reason: str) -> str:
    return _REASONS.get(reason, reason)


_HOW: dict[type[e.Event], Callable[[Any, Hall], Sentence | None]] = {
    e.EpochBegun: lambda v, _: ("plain", f"流水账开始（{v.reason}）"),
    e.DayOpened: lambda v, _: ("plain", f"{v.day} 的办公日开始"),
    e.DayClosed: _day_closed,
    e.OpeningTurned: lambda v, _: ("plain", f"大厅：{_OPENINGS[v.opening]}"),
    e.ClockSet: lambda v, _: ("warn", f"电脑的时钟被改了 {v.by_s:+.0f} 秒；等候时间不变"),
    e.RulesSet: lambda v, _: ("plain", f"规则生效：{len(v.rules.windows)} 个窗口"),
    e.TicketIssued: _issued,
    e.PreprintedEntered: lambda v, _: (
        "good",
        f"补录 {v.label}：{f'{v.served_at} 号窗口办过了' if v.served_at else '等着叫号'}",
    ),
    e.TicketCalled: _called,
    e.TicketRecalled: lambda v, _: ("call", f"{v.window} 号窗口重呼 {v.label}，第 {v.times} 次"),
    e.ServiceStarted: lambda v, h: ("plain", f"{v.window} 号窗口开始办理 {_label(h, v.visit)}"),
    e.ServiceFinished: lambda v, h: ("good", f"{v.window} 号窗口办结 {_label(h, v.visit)}"),
    e.RatingClosed: _closed,
    e.TicketMissed: lambda v, _: ("warn", f"{v.window} 号窗口 {v.label} 过号"),
    e.TicketVoided: _voided,
    e.TicketRejoined: lambda v, _: ("good", f"{v.label} 重新排队"),
    e.VisitHeld: lambda v, _: (
        "warn",
        f"{v.window} 号窗口挂起 {v.label}{_because(v.reason)}",
    ),
    e.VisitTransferred: _transferred,
    e.CallWithdrawn: _withdrawn,
    e.StartUndone: _undone("开始"),
    e.FinishUndone: _undone("办结"),
    e.MissUndone: _undone("过号"),
    e.HoldUndone: _undone("挂起"),
    e.ItemSet: lambda v, h: ("plain", f"{_label(h, v.visit)} 办“{_item(h, v.item)}”"),
    e.MatterAdded: lambda v, h: ("plain", f"{_label(h, v.visit)} 加办“{_item(h, v.item)}”"),
    e.MatterFinished: _matter_finished,
    e.ClassChanged: _class_changed,
    e.StaffSignedOn: _signed_on,
    e.CoverGiven: lambda v, _: ("plain", f"{v.window} 号窗口顶岗{_because(v.reason)}"),
    e.StaffSignedOff: lambda v, _: ("plain", f"{v.window} 号窗口 工号 {v.staff} 退出"),
    e.QueueOpened: lambda v, h: ("good", f"{_queue(h, v.queue)}恢复取号"),
    e.QueueClosed: lambda v, h: (
        "warn",
        f"{_queue(h, v.queue)}今天不再取号{_because(v.reason)}",
    ),
    e.WindowQueuesSet: _queues_set,
    e.HelpingSet: lambda v, _: ("plain", f"{v.window} 号窗口帮办：{'开' if v.on else '关'}"),
    e.NoticesSet: _notices_set,
    e.HoursExtended: _extended,
    e.AlertRaised: _alert_raised,
    e.WindowPaused: _paused,
    e.WindowResumed: lambda v, _: ("good", f"{v.window} 号窗口恢复"),
    e.SlipHeld: lambda v, h: ("warn", f"{_job(h, v.job)}先等着：{_why(v.reason)}"),
    e.SlipPrinted: _slip_printed,
    e.SlipDoubtful: lambda v, h: ("bad", f"{_job(h, v.job)}可能没打全：{_why(v.reason)}"),
    e.SlipFailed: lambda v, h: ("bad", f"{_job(h, v.job)}没有打印：{_why(v.reason)}"),
    e.DeviceUp: lambda v, _: ("good", f"{v.device} 已连上"),
    e.DeviceDown: lambda v, _: ("bad", f"{v.device} 断开：{v.remedy or v.evidence}"),
    e.DeviceSensed: _sensed,
    e.DeviceFaulted: _faulted,
    e.DeviceTestBegun: lambda v, _: (
        "plain",
        f"{v.device} 开始自检（{_LEVELS.get(v.level, v.level)}）",
    ),
    e.DeviceTestAsked: _test_asked,
    e.DeviceTestFound: _test_found,
    e.DeviceTestStopped: lambda v, h: ("warn", f"{_tested(h, v.test)}被停下"),
    e.DeviceTestEnded: _test_ended,
    e.RehearsalBegun: lambda v, _: ("plain", f"{v.window} 号窗口开始演练，测试票不进统计"),
    e.RehearsalMoved: lambda v, _: ("plain", _rehearsed(v.stage, v.window)),
    e.RehearsalEnded: lambda v, _: (
        "good" if v.reason == "done" else "warn",
        _rehearsed(v.reason, v.window),
    ),
    e.EvacuationStarted: lambda v, _: ("bad", f"疏散：请所有人离开大厅（{v.place} 按下）"),
    e.EvacuationEnded: lambda v, _: ("good", f"疏散结束，大厅从停下的地方接着办（{v.place}）"),
    e.AreaCleared: lambda v, _: ("good", f"{v.window} 号窗口一带已经没有人"),
    e.PaperLoaded: lambda v, _: ("good", f"{v.printer} 装了新纸"),
    e.CardRead: lambda v, _: ("plain", f"{v.place} 读到一张身份证（{v.age} 岁，号码不留）"),
    e.SlipMoved: lambda v, h: ("warn", f"{_job(h, v.job)}改到 {v.printer} 打"),
    e.KeyRefused: _refused,
    e.HelpAsked: lambda v, _: ("call", f"{v.place} 有人叫帮忙"),
    e.HelpAnswered: lambda v, _: ("good", f"有人去 {v.place} 了"),
    e.CallShown: _shown,
    **VOICES,
}

SILENT: frozenset[type[e.Event]] = frozenset(
    {e.SlipQueued, e.SlipSending, e.AlertEnded, e.AnnouncementQueued}
    | {event for event in e.EVENTS if event.AUDIENCE == "private"}
)
"""Events that get no line: private, told by what follows, or seen by something going away."""
