"""`hallctl desk`: a whole hall on one desk, and the page that shows it.

One supervisor holds the twins and the page; the daemon and the screens are real processes, the
same as in a hall, only that their wires end here.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
import uvicorn
from rich.console import Console
from rich.markup import escape

from hallctl.chain import JournalError, read_only
from hallctl.config.load import HallConfig, load
from hallctl.config.problems import ConfigError
from hallctl.device import driver_class
from hallctl.links.spec import SoundSpec
from hallctl.listing import rows
from hallctl.place import Place
from hallctl.simulator.bench import OFFSCREEN, Bench
from hallctl.simulator.children import CONFIG_EXIT, Child
from hallctl.simulator.clock import ClockError, DeskClock
from hallctl.simulator.follower import Follower
from hallctl.simulator.page import make_app
from hallctl.simulator.stage import Stage, StageError

DEFAULT_PORT = 8642
BUSY_EXIT = 75
"""EX_TEMPFAIL: a desk already runs on that state."""

UNAVAILABLE_EXIT = 71
"""EX_OSERR: the system refuses a socket or a wire."""

MAKER = "sounds"
"""The child that makes the clips that are missing, and ends; until then the voices play what is."""

_PORTS_TRIED = 50
_STALE_LOOK_S = 1.0

Commands = Sequence[tuple[str, str, Sequence[str]]]
"""Children as (name, what people call it, command line)."""


Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `run_desk` was asked for."""

    hall: Path
    state: Path
    config: HallConfig
    clock: str | None
    port: int
    commands: Commands | None


class DeskError(Exception):
    """The desk cannot open; the words say why, `code` is the exit code."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(words)
        self.code = code


async def run_desk(
    hall: Path,
    state: Path,
    *,
    clock: str | None = None,
    port: int = DEFAULT_PORT,
    commands: Commands | None = None,
    say: Say | None = None,
) -> int:
    """Run the desk until Ctrl-C or SIGTERM; the result is the exit code.

    `hall` is the folder with the three YAML files, `clock` what `--clock` says. `commands`
    replaces the daemon and the screens (tests). `say` gets the lines for the terminal.
    """
    tell = say or Console(highlight=False, soft_wrap=True).print
    try:
        config = load(hall, driver_class=driver_class)
        with _only_desk(state):
            return await _run(Plan(hall, state, config, clock, port, commands), tell)
    except ConfigError as error:
        tell(f"[red]{escape(str(error))}[/red]")
        return CONFIG_EXIT
    except DeskError as error:
        tell(f"[red]{escape(str(error))}[/red]")
        return error.code


async def _run(plan: Plan, say: Say) -> int:
    folder, rules = plan.state / "desk", plan.config.rules
    desk_clock = DeskClock(folder, rules)
    try:
        desk_clock.start(plan.clock, _journal_ends_s(plan.state))
        sounds = Place(plan.hall, plan.state).sounds
        stage = Stage(plan.config.devices, folder, lambda: bench.changed(), sounds)  # noqa: PLW0108 - made just below
    except (ClockError, StageError) as error:
        raise DeskError(str(error), CONFIG_EXIT) from error
    bench = Bench(rules, desk_clock, stage, folder)
    desk = _Desk(bench, plan.state)
    door = _free_door(plan.port, say)
    try:
        say(f"大厅：{rules.hall} · {len(rules.windows)} 个窗口 · {len(stage.props)} 个设备")
        say(f"大厅的时间：{desk_clock.local():%Y-%m-%d %H:%M}（页面上可以往前拨）")
        commands = plan.commands or commands_of(plan, stage, bench)
        return await desk.run(door, commands, say)
    finally:
        door.close()


def commands_of(plan: Plan, stage: Stage, bench: Bench) -> Commands:
    """The daemon, the two screens that are always live, and what makes missing sounds."""
    python, bus, frames = sys.executable, str(bench.bus), str(bench.frames.path)
    place = ["--hall", str(plan.hall), "--state", str(plan.state)]
    daemon = [python, "-m", "hallctl", "run", *place]
    daemon += ["--links", str(stage.links_file), "--clock-file", str(bench.clock.file)]
    kiosk = [python, "-m", "screens", "kiosk", "--bus", bus, "--name", "kiosk-1"]
    screen = [python, "-m", "screens", "hall", "--bus", bus, "--name", "hall-1"]
    commands = [
        ("daemon", "主程序", daemon),
        ("kiosk-1", "取号机", [*kiosk, "--frames", frames]),
        ("hall-1", "大屏", [*screen, "--frames", frames]),
    ]
    if any(isinstance(device.link, SoundSpec) for device in plan.config.devices):
        making = ["nice", "-n", "10", python, "-m", "hallctl", "sounds", "build", "--quiet", *place]
        commands.append((MAKER, "声音片段", making))
    return commands


class _Desk:
    """One run: everything is opened in order and closed in the other."""

    def __init__(self, bench: Bench, state: Path) -> None:
        self._bench = bench
        self._follower = Follower(state / "bus", bench.heard, bench.mirrored)
        self._ended = asyncio.Event()

    async def run(self, door: socket.socket, commands: Commands, say: Say) -> int:
        bench = self._bench
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread
                loop.add_signal_handler(number, self._ended.set)
        page = _Page(_page_config(bench))
        serving: asyncio.Task[None] | None = None
        beating: asyncio.Task[None] | None = None
        try:
            await self._open()
            self._follower.start()
            for name, title, command in commands:
                child = Child(
                    name, title, command, bench.child_changed, OFFSCREEN, once=name == MAKER
                )
                bench.children[name] = child
                child.start()
                say(f"启动{title} {name}")
            serving = asyncio.create_task(page.serve(sockets=[door]))
            beating = asyncio.create_task(self._beat())
            address = f"http://127.0.0.1:{door.getsockname()[1]}/"
            say(f"\n大厅开着：[bold]{address}[/bold]\n按 Ctrl-C 关门。")
            return await self._until_the_end(serving, say)
        finally:
            say("正在关门…")
            bench.end()
            if beating is not None:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)
            await asyncio.gather(*(c.stop() for c in reversed(bench.children.values())))
            page.should_exit = True
            if serving is not None:
                await serving
            await self._follower.close()
            await bench.stage.close()
            await bench.frames.close()
            bench.clock.remember()

    async def _open(self) -> None:
        """The sockets and wires. Raises DeskError."""
        try:
            await self._bench.frames.start()
            await self._bench.stage.start()
        except OSError as error:
            words = f"打不开 {self._bench.frames.path} 或设备的线：{error}"
            raise DeskError(f"{words}（--state 的路径要短）", UNAVAILABLE_EXIT) from error

    async def _until_the_end(self, serving: asyncio.Task[None], say: Say) -> int:
        """Wait for a signal, or for the daemon to say that the configuration is wrong."""
        daemon = self._bench.children.get("daemon")
        waits = [asyncio.create_task(self._ended.wait())]
        if daemon is not None:
            waits.append(asyncio.create_task(daemon.refused.wait()))
        try:
            await asyncio.wait([*waits, serving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        if daemon is not None and daemon.refused.is_set():
            for line in daemon.words:
                say(escape(line))
            return CONFIG_EXIT
        return 0

    async def _beat(self) -> None:
        """Once a second: write down the time, and look for screens that have gone silent."""
        stale: dict[str, bool] = {}
        while True:
            self._bench.clock.remember()
            now_s = self._bench.frames.mono_s()
            fresh = {name: t.stale(now_s) for name, t in self._bench.frames.tiles.items()}
            if fresh != stale:
                for name, silent in fresh.items():
                    if silent and not stale.get(name):
                        child = self._bench.children.get(name)
                        title = child.title if child else name
                        self._bench.say("bad", f"桌面：{title}的画面停了")
                stale = fresh
                self._bench.changed()
            await asyncio.sleep(_STALE_LOOK_S)


class _Page(uvicorn.Server):
    """A server that leaves the signals to the desk."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _page_config(bench: Bench) -> uvicorn.Config:
    return uvicorn.Config(
        make_app(bench),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )


@contextlib.contextmanager
def _only_desk(state: Path) -> Iterator[None]:
    """Hold the lock of this state's desk. Raises DeskError when another has it."""
    folder = state / "desk"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            pid = lock.read().strip() or "?"
            words = (
                f"这个大厅已经在桌面上开着（{state}，进程 {pid}）：先把它关上，或换一个 --state。"
            )
            raise DeskError(words, BUSY_EXIT) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        shutil.rmtree(folder / "wires", ignore_errors=True)
        yield


def _free_door(port: int, say: Say) -> socket.socket:
    """A listening socket on 127.0.0.1 at `port`, or at the next free one."""
    for number in range(port, port + _PORTS_TRIED) if port else (0,):
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", number))
            door.listen(64)
        except (OSError, OverflowError):
            door.close()
            continue
        door.setblocking(False)
        if number != port:
            say(f"端口 {port} 已被占用，改用 {number}。")
        return door
    raise DeskError(f"从 {port} 起的 {_PORTS_TRIED} 个端口都被占用。", BUSY_EXIT)


def _journal_ends_s(state: Path) -> float:
    """The time of the journal's last event, UNIX seconds; 0 when there is none to read."""
    try:
        with contextlib.closing(read_only(state)) as db:
            return max(
                (float(json.loads(r)["wall_s"]) for r in rows(db, as_csv=False, last=1)),
                default=0.0,
            )
    except (JournalError, apsw.Error, ValueError, KeyError):
        return 0.0  # the daemon will say what is wrong with it
