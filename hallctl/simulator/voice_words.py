"""What the voices do, in the sentences of the desk's log."""

from collections.abc import Callable
from typing import Any, Final

from hallctl.core import events as e
from hallctl.core.hall import Hall

Sentence = tuple[str, str]
"""A tone (call, good, warn, bad, plain) and the words."""
PURPOSES: Final = {
    "call": "叫号",
    "recall": "重呼",
    "missed": "过号",
    "lunch": "午休通知",
    "rehearsal": "演练",
    "evacuation": "疏散通知",
}
LANGUAGES: Final = {"mandarin": "普通话", "cantonese": "粤语", "english": "英语"}
REASONS: Final = {
    "no_sound": "没有声音",
    "unplugged": "线断了",
    "silence": "不回话",
    "cut": "给疏散让路",
    "too_short": "停得太早，没有念完",
    "restart": "程序重启",
    "moved_on": "这个号已经不在叫",
    "merged": "同一个号已在排队播报",
    "quiet": "静音时段",
    "over": "已经过时",
    "gone": "这个喇叭已拆除",
}
CONDITIONS: Final = {
    ("state", "silent"): "没有声音",
    ("clips", "missing"): "缺声音片段",
    ("clips", "ok"): "声音片段齐全",
}
"""A voice's part and its state, where the words of other devices would mislead."""
MINUTE_S: Final = 60


def _about(hall: Hall, visit: str, window: int) -> str:
    known = hall.visits.get(visit)
    label = known.label if known else ""
    return f"{label} 到 {window} 号窗口" if label else "通知"


def _begun(event: e.AnnouncementBegun, hall: Hall) -> Sentence:
    voice = hall.voices.get(event.device)
    said = voice.speaking if voice else None
    what = PURPOSES[said.purpose] if said else "播报"
    label = f" {said.label}" if said and said.label else ""
    languages = "、".join(LANGUAGES[x] for x in event.languages) or "只响铃"
    return (
        "call",
        f"{event.device} 开始播{what}{label}（{languages}{'，短句' if event.short else ''}）",
    )


def _made(event: e.AnnouncementMade, hall: Hall) -> Sentence:
    about = _about(hall, event.visit, event.window)
    if event.left_out:
        first, n = event.left_out[0], len(event.left_out)
        return "warn", f"{event.device} 播完 {about}，缺 {n} 个声音片段：{first}{'等' * (n > 1)}"
    if not event.proven:
        return "warn", f"{event.device} 播过 {about}，它回答得慢，没有凭据"
    return "plain", f"{event.device} 播完 {about}，{event.took_s:.1f} 秒"


def _failed(event: e.AnnouncementFailed, hall: Hall) -> Sentence:
    reason = REASONS.get(event.reason, event.reason)
    return (
        "bad",
        f"{event.device} 没播成 {_about(hall, event.visit, event.window)}：{reason}，会再播",
    )


def _skipped(event: e.AnnouncementSkipped, hall: Hall) -> Sentence:
    about = _about(hall, event.visit, event.window)
    return "plain", f"{event.device} 不播 {about}：{REASONS.get(event.reason, event.reason)}"


def _quieted(event: e.VoiceQuieted, _: Hall) -> Sentence:
    return ("warn", "语音静音，叫号只上屏幕") if event.until_s else ("good", "语音恢复")


VOICES: dict[type[e.Event], Callable[[Any, Hall], Sentence]] = {
    e.AnnouncementBegun: _begun,
    e.AnnouncementMade: _made,
    e.AnnouncementFailed: _failed,
    e.AnnouncementSkipped: _skipped,
    e.VoiceQuieted: _quieted,
}
