"""The processes a desk keeps alive: the daemon and the screens.

A child that dies is started again after 1, 2, 4 … 10 s. No child outlives the desk: the kernel
kills them when the supervisor dies (PR_SET_PDEATHSIG), even by kill -9.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Literal

BACK_OFF_MOST_S = 10.0
CONFIG_EXIT = 78
"""EX_CONFIG: the child says that starting it again is of no use."""

_HEALTHY_S = 20.0
"""A child that lived so long starts its back-off anew."""
_END_WAIT_S = 8.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_WORDS_KEPT = 40

ChildStatus = Literal["running", "waiting", "stopped", "refused", "done", "failed"]


class Child:
    """One process, started again whenever it dies until `stop` or `end`.

    One that is to run `once` ends `done` or `failed`, and is started again only by a person.
    `changed` is told of each change of status, with a sentence for the log ("" for none).
    """

    def __init__(
        self,
        name: str,
        title: str,
        command: Sequence[str],
        changed: Callable[["Child", str], None],
        environment: dict[str, str] | None = None,
        *,
        once: bool = False,
    ) -> None:
        self.name = name
        self.title = title
        self.status: ChildStatus = "stopped"
        self.pid = 0
        self.starts = 0
        self.exit_code: int | None = None
        self.wait_s = 0.0
        self.words: deque[str] = deque(maxlen=_WORDS_KEPT)
        self.refused = asyncio.Event()
        self.once = once
        self._command = list(command)
        self._changed = changed
        self._environment = {**os.environ, **(environment or {})}
        self._task: asyncio.Task[None] | None = None
        self._process: Process | None = None

    def start(self) -> None:
        """Begin, or begin again, to keep the process alive."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep(), name=f"child {self.name}")

    def kill(self) -> None:
        """Do what `kill -9` does, as a crash would; it is started again."""
        self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        """End the process politely, by force after 8 s, and leave it ended."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._end()
        if self.status not in ("refused", "done", "failed"):
            self._turn("stopped", f"{self.title}已停止")

    async def _keep(self) -> None:
        delay_s = 1.0
        while True:
            begun_s = time.monotonic()
            code = await self._run()
            if code == CONFIG_EXIT:
                self._turn("refused", f"{self.title}不能启动：配置有误")
                self.refused.set()
                return
            if self.once:
                self._finish(code)
                return
            if time.monotonic() - begun_s > _HEALTHY_S:
                delay_s = 1.0
            self.wait_s = delay_s
            ending = f"{self.title}退出（{_ending(code)}）"
            self._turn("waiting", f"{ending}，{delay_s:.0f} 秒后重新启动")
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, BACK_OFF_MOST_S)

    def _finish(self, code: int) -> None:
        said = [line for line in self.words if any(letter.isalnum() for letter in line)]
        last = f"：{said[-1]}" if said else ""
        if code == 0:
            self._turn("done", f"{self.title}已完成{last}")
        else:
            self._turn("failed", f"{self.title}没有完成{last or f'（{_ending(code)}）'}")

    async def _run(self) -> int:
        reading, writing = os.pipe()
        pipe = os.fdopen(reading, "rb", buffering=0)
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=DEVNULL,
                stdout=writing,
                stderr=STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # one prctl, nothing that locks
            )
        except BaseException:
            pipe.close()
            raise
        finally:
            os.close(writing)
        listening = asyncio.create_task(self._listen(pipe))
        self.pid = process.pid
        self.starts += 1
        again = "重新" if self.starts > 1 else ""
        self._turn("running", f"{self.title}已{again}启动")
        try:
            self.exit_code = await process.wait()
            _signal_group(process.pid, signal.SIGKILL)  # what it left behind goes too
            await asyncio.wait([listening], timeout=1.0)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            pipe.close()
        self._process = None
        self.pid = 0
        return self.exit_code

    async def _listen(self, pipe: IO[bytes]) -> None:
        """Keep the last lines it wrote; a line of any length is read."""
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        rest = b""
        try:
            while piece := await stream.read(4096):
                *lines, rest = (rest + piece).split(b"\n")
                self.words.extend(line.decode(errors="replace").rstrip() for line in lines)
                rest = rest[-4096:]
        finally:
            transport.close()
        if rest:
            self.words.append(rest.decode(errors="replace"))

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self.pid = 0
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(process.pid, number)
            with contextlib.suppress(TimeoutError):
                self.exit_code = await asyncio.wait_for(process.wait(), _END_WAIT_S)
                break
        _signal_group(process.pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _turn(self, status: ChildStatus, words: str) -> None:
        self.status = status
        self._changed(self, words)


def _signal_group(leader: int, number: signal.Signals) -> None:
    """To a child and all its own children (each child leads a session)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, number)


def _die_with(parent: int) -> Callable[[], None]:
    """What a child does between fork and exec: ask the kernel to die with its parent."""

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return arrange


def _ending(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"被信号 {signal.Signals(-code).name} 终止"
    return f"退出码 {code}"
