"""Everything on the desk as one thing that the page can show and touch.

Clock, screens' frames, twins on their wires, child processes and the bus's news meet here; each
has a file of its own.
"""

import asyncio
import time
from collections import deque
from pathlib import Path
from typing import Any

from hallctl import wire
from hallctl.core.rules import Rules
from hallctl.simulator.asking import ROLES, ask_hall
from hallctl.simulator.children import Child
from hallctl.simulator.clock import ClockError, DeskClock
from hallctl.simulator.follower import Happened, Mirror, plain
from hallctl.simulator.frames import FrameError, Frames, Tile
from hallctl.simulator.more import more_screens
from hallctl.simulator.stage import Stage, StageError

OFFSCREEN = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYTHONUNBUFFERED": "1"}
"""The environment of a child: it draws for the page only, and says at once what it says."""
_LOG_KEPT = 200
_WEEKDAYS = "一二三四五六日"
_TONES = {"running": "good", "done": "good", "failed": "warn"}
"""Of what a child's status is said in; the others are bad."""


class Unable(Exception):  # noqa: N818 - named as the sentence it answers with
    """What the page asked cannot be done; the words are for the person at the page."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


class Viewer:
    """One open page: what has changed since it was last told."""

    def __init__(self, first: set[str]) -> None:
        self._changed = first
        self._event = asyncio.Event()
        self._event.set()

    def tell(self, what: str) -> None:
        """Something changed: "state", "end", or a screen's name for its frame."""
        self._changed.add(what)
        self._event.set()

    async def take(self) -> set[str]:
        """Wait for a change and take all there are."""
        await self._event.wait()
        self._event.clear()
        changed, self._changed = self._changed, set()
        return changed


class Bench:
    """The desk. `state()` is the whole of it as JSON."""

    def __init__(self, rules: Rules, clock: DeskClock, stage: Stage, folder: Path) -> None:
        self.rules = rules
        self.bus = folder.parent / "bus"
        self.clock = clock
        self.stage = stage
        self.frames = Frames(folder / "frames.sock", self._framed, clock.now_s)
        self.children: dict[str, Child] = {}
        self.more = more_screens(rules, self.bus, self.frames.path)
        self.mirror = Mirror()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOG_KEPT)
        self._lines = 0
        self._viewers: set[Viewer] = set()

    def state(self) -> dict[str, Any]:
        """The whole state: what the page shows and what tests read."""
        now = self.clock.local()
        offset = now.utcoffset()
        mirror = plain(self.mirror)
        stale_s = mirror["stale_since_s"]
        return {
            "clock": {
                "wall_s": now.timestamp(),
                "time": f"{now:%H:%M:%S}",
                "date": f"{now.month}月{now.day}日 星期{_WEEKDAYS[now.weekday()]}",
                "utc_offset_s": offset.total_seconds() if offset else 0.0,
                "mono_s": time.monotonic(),  # what the twins' times are in
            },
            "hall": {
                **mirror,
                "alive": stale_s is None,
                "stale_since": self._time_of(stale_s) if stale_s else "",
                "quiet_until": self._quiet_until(mirror["quiet_until_s"]),
            },
            "windows": [
                {"number": w.number, "name": w.name, "short": w.short} for w in self.rules.windows
            ],
            "more": {name: title for name, (title, _) in self.more.items()},
            "screens": {name: self._screen(tile) for name, tile in self.frames.tiles.items()},
            "devices": self.stage.state(),
            "children": [_child_state(c) for c in self.children.values()],
            "log": list(self._log),
        }

    def picture(self, device: str, name: str) -> bytes | None:
        """What one would see of a device; None when there is no such picture."""
        return self.stage.picture(device, name)

    def sound(self, device: str, play: str) -> bytes | None:
        """What a voice says in one of its last announcements, WAV; None for no such one."""
        return self.stage.sound(device, play)

    async def touch(self, screen: str, phase: str, x: float, y: float) -> None:
        """A finger on a screen. Raises Unable."""
        try:
            await self.frames.touch(screen, phase, x, y)
        except FrameError as error:
            raise Unable(str(error), 409) from error

    async def key(self, screen: str, key: str) -> None:
        """A key of a screen's keyboard, by SDL's name. Raises Unable."""
        try:
            await self.frames.key(screen, key)
        except FrameError as error:
            raise Unable(str(error), 409) from error

    def open_screen(self, name: str) -> None:
        """Start one of `more`, or do nothing when it runs. Raises Unable."""
        if name not in self.children:
            if name not in self.more:
                raise Unable(f"没有叫 {name} 的屏幕。", 404)
            title, command = self.more[name]
            self.children[name] = Child(name, title, command, self.child_changed, OFFSCREEN)
        self.children[name].start()

    def press(self, device: str, what: dict[str, Any]) -> None:
        """A finger on a device's key. Raises Unable."""
        try:
            self.stage.press(device, what)
        except StageError as error:
            raise Unable(str(error), error.status) from error
        self.changed()

    async def fault(self, device: str, name: str, on: bool) -> None:
        """Make something wrong with a device or its wire, or right again. Raises Unable."""
        try:
            await self.stage.fault(device, name, on)
        except StageError as error:
            raise Unable(str(error), error.status) from error
        words = self.stage.fault_words(name)
        self.say("warn" if on else "good", f"桌面：{device} {words}{'' if on else '，恢复'}")

    async def ask(self, role: str, message: object) -> dict[str, Any]:
        """Send a command to the hall, in the protocol's own form; its result. Raises Unable."""
        if role not in ROLES:
            raise Unable(f"role 只能是 {' 或 '.join(ROLES)}。")
        try:
            command = wire.command_in(message)
        except wire.WireError as error:
            raise Unable(f"请求读不懂：{error}") from error
        answer = await asyncio.to_thread(ask_hall, self.bus, role, command)
        if answer is None:
            raise Unable("大厅没有回话：主程序可能停了。", 503)
        if not answer.ok:
            raise Unable(answer.words.get("zh", answer.code), 409)
        return answer.result

    def set_clock(self, asked: dict[str, Any]) -> None:
        """`{"minutes": 10}`, `{"to": "12:00"}` or `{"next_day": "09:00"}`. Raises Unable."""
        try:
            if isinstance(minutes := asked.get("minutes"), int | float):
                self.clock.forward_by(minutes)
            elif "to" in asked:
                self.clock.forward_to(*_hour_minute(asked["to"]))
            elif "next_day" in asked:
                self.clock.forward_to_next_day(*_hour_minute(asked["next_day"]))
            else:
                raise Unable('要写 {"minutes": 10}、{"to": "12:00"} 或 {"next_day": "09:00"}。')
        except ClockError as error:
            raise Unable(str(error), 409) from error
        now = self.clock.local()
        self.say("plain", f"桌面：时钟拨到 {now.month}月{now.day}日 {now:%H:%M}")

    async def child(self, name: str, do: str) -> None:
        """Stop, kill or start a process. Raises Unable."""
        child = self.children.get(name)
        if child is None:
            raise Unable(f"没有叫 {name} 的进程。", 404)
        if do == "start":
            child.start()
        elif do == "kill":
            child.kill()
        elif do == "stop":
            await child.stop()
        else:
            raise Unable("do 只能是 stop、kill 或 start。")

    def child_changed(self, child: Child, words: str) -> None:
        """A child process has begun, ended or waits to be started again."""
        tone = _TONES.get(child.status, "bad")
        self.say(tone, f"桌面：{words}")

    def heard(self, line: Happened) -> None:
        """The bus had news."""
        self._write(line.wall_s, line.tone, line.words)

    def mirrored(self, mirror: Mirror) -> None:
        """The hall looks different now."""
        self.mirror = mirror
        self.changed()

    def say(self, tone: str, words: str) -> None:
        """A line of the desk's own in the log."""
        self._write(self.clock.now_s(), tone, words)

    def changed(self) -> None:
        """Tell every open page that the state is new."""
        for viewer in self._viewers:
            viewer.tell("state")

    def watch(self) -> Viewer:
        """A page has opened."""
        viewer = Viewer({"state", *self.frames.tiles})
        self._viewers.add(viewer)
        return viewer

    def unwatch(self, viewer: Viewer) -> None:
        """A page has closed."""
        self._viewers.discard(viewer)

    def end(self) -> None:
        """Tell every open page that the desk closes."""
        for viewer in self._viewers:
            viewer.tell("end")

    def _framed(self, tile: Tile) -> None:
        for viewer in self._viewers:
            viewer.tell(tile.screen)

    def _write(self, wall_s: float, tone: str, words: str) -> None:
        self._lines += 1
        line = {"n": self._lines, "time": self._time_of(wall_s), "tone": tone, "words": words}
        self._log.appendleft(line)
        self.changed()

    def _quiet_until(self, until_s: float) -> str:
        if until_s <= self.clock.now_s():
            return ""
        at = self.clock.local(until_s)
        return f"{at.hour}:{at:%M}"

    def _time_of(self, wall_s: float) -> str:
        at = self.clock.local(wall_s)
        return f"{at.hour}:{at:%M:%S}"

    def _screen(self, tile: Tile) -> dict[str, Any]:
        return {
            **{k: v for k, v in tile.header.items() if k not in ("kind", "bytes")},
            "stale": tile.stale(time.monotonic()),
            "heard": self._time_of(tile.heard_wall_s),
        }


def _child_state(child: Child) -> dict[str, Any]:
    return {
        "name": child.name,
        "title": child.title,
        "status": child.status,
        "once": child.once,
        "pid": child.pid,
        "starts": child.starts,
        "exit_code": child.exit_code,
        "wait_s": child.wait_s,
        "words": list(child.words)[-5:],
    }


def _hour_minute(text: object) -> tuple[int, int]:
    hour, _, minute = str(text).partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):  # noqa: PLR2004
        raise Unable(f"“{text}”不是时间，要写成 12:00。")
    return int(hour), int(minute)
