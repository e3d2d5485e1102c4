"""Children of the desk: started again when they die, gone when it goes."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from hallctl.simulator.children import CONFIG_EXIT, Child

ROOT = Path(__file__).parents[2]


async def until(true):
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def child(code, heard=None, *, once=False):
    def changed(_, words):
        if heard is not None:
            heard.append(words)

    return Child("it", "某进程", [sys.executable, "-c", code], changed, once=once)


SLEEP = "import time; print('here', flush=True); time.sleep(600)"


def gone(pid):
    """Whether a process has ended (a zombie has)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_a_killed_child_is_started_again():
    async def play():
        heard = []
        it = child(SLEEP, heard)
        it.start()
        await until(lambda: it.status == "running" and it.words)
        first = it.pid
        it.kill()
        await until(lambda: it.starts == 2 and it.status == "running")
        assert it.pid not in (0, first)
        assert any("SIGKILL" in words for words in heard)
        await it.stop()

    asyncio.run(play())


def test_a_child_that_dies_at_once_waits_longer_each_time():
    async def play():
        it = child("raise SystemExit(3)")
        waits = []
        it.start()
        for starts in (1, 2):
            await until(lambda n=starts: it.status == "waiting" and it.starts == n)
            waits.append(it.wait_s)
        assert waits == [1.0, 2.0]
        await it.stop()

    asyncio.run(play())


def test_what_runs_once_is_done_and_is_run_again_only_when_asked():
    async def play():
        heard = []
        it = child("print('12 made'); print('╰──╯')", heard, once=True)
        it.start()
        await until(lambda: it.status == "done")
        assert heard[-1] == "某进程已完成：12 made"
        it.start()
        await until(lambda: it.starts == 2 and it.status == "done")
        await it.stop()
        assert it.status == "done"

    asyncio.run(play())


def test_what_runs_once_and_fails_says_its_last_words():
    async def play():
        heard = []
        it = child("print('no voice'); raise SystemExit(69)", heard, once=True)
        it.start()
        await until(lambda: it.status == "failed")
        assert (it.exit_code, heard[-1]) == (69, "某进程没有完成：no voice")
        await asyncio.sleep(1.5)  # longer than the first wait of one that is kept alive
        assert it.starts == 1

    asyncio.run(play())


def test_a_stopped_child_stays_stopped_and_can_be_started():
    async def play():
        it = child(SLEEP)
        it.start()
        await until(lambda: it.status == "running")
        pid = it.pid
        await it.stop()
        assert it.status == "stopped"
        assert gone(pid)
        it.start()
        await until(lambda: it.status == "running")
        await it.stop()

    asyncio.run(play())


def test_a_child_that_ignores_the_polite_signal_is_ended_by_force(monkeypatch):
    monkeypatch.setattr("hallctl.simulator.children._END_WAIT_S", 0.3)

    async def play():
        it = child("import signal; signal.signal(15, signal.SIG_IGN);" + SLEEP)
        it.start()
        await until(lambda: it.words)
        pid = it.pid
        await it.stop()
        assert gone(pid)

    asyncio.run(play())


def test_a_child_with_a_wrong_configuration_is_not_started_again():
    async def play():
        it = child(f"print('hall.yaml line 3'); raise SystemExit({CONFIG_EXIT})")
        it.start()
        async with asyncio.timeout(30):
            await it.refused.wait()
        assert (it.status, it.starts, list(it.words)) == ("refused", 1, ["hall.yaml line 3"])
        await it.stop()
        assert it.status == "refused"

    asyncio.run(play())


def test_a_grandchild_does_not_hide_the_death_and_ends_with_it():
    code = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"

    async def play():
        it = child(code)
        it.start()
        await until(lambda: it.status == "waiting")
        await it.stop()
        grandchild = int(it.words[0])
        await until(lambda: gone(grandchild))

    asyncio.run(play())


NURSE = """
import asyncio, sys
from hallctl.simulator.children import Child

async def main():
    it = Child("it", "it", [sys.executable, "-c", "import time; time.sleep(600)"], lambda *_: None)
    it.start()
    while not it.pid:
        await asyncio.sleep(0.01)
    print(it.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_no_child_outlives_a_supervisor_killed_with_kill_9():
    with subprocess.Popen(
        [sys.executable, "-c", NURSE], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as nurse:
        pid = int(nurse.stdout.readline())
        assert not gone(pid)
        os.kill(nurse.pid, signal.SIGKILL)
    until_s = time.monotonic() + 30
    while not gone(pid):
        assert time.monotonic() < until_s
        time.sleep(0.02)
