"""What a hall costs while nothing happens, and whether it grows when much does."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kept_days
import zmq
from harness import Bench, Goal, Measures, Result, scenario
from load import Clients, Served, checked, clients, hall, ready
from starting import heard, run_words, start, stop

from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.links.spec import TcpSpec
from hallctl.simulator.stage import twin_class
from hallctl.simulator.wires import PtyWire, TcpWire, Wire
from running import ROOT, RunningDaemon, TwinThread, hall_folder

SETTLE_S = 10.0
AT_ONCE = 64
BATCH = 10_000


def used(pid: int) -> tuple[float, int]:
    """Processor time of all threads in seconds, and how often one of them was woken."""
    cpu_ns, woken = 0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        cpu_ns += int((task / "schedstat").read_text().split()[0])
        words = (task / "status").read_text()
        woken += int(words.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    return cpu_ns / 1e9, woken


def rss_mb(pid: int) -> float:
    """Memory in use, as `ps` has it."""
    words = Path(f"/proc/{pid}/status").read_text()
    return int(words.partition("VmRSS:")[2].split()[0]) / 1024


def idling(pid: int, seconds: float) -> Measures:
    """What a process does while nobody asks it anything."""
    begun, before_s = used(pid), time.perf_counter()
    time.sleep(seconds)
    ended, lasted_s = used(pid), time.perf_counter() - before_s
    return {
        "% of a core": (ended[0] - begun[0]) / lasted_s * 100,
        "wake-ups/s": (ended[1] - begun[1]) / lasted_s,
        "RSS MB": rss_mb(pid),
    }


@contextmanager
def twins(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Every device of devices.yaml at the far end of a wire; the voice speaks into a file."""
    thread = TwinThread()
    links = {}
    try:
        for device in load(ROOT, driver_class=driver_class).devices:
            if device.kind == "voice":
                links[device.name] = {"sound": f"capture:{folder / 'voice.wav'}"}
                continue
            twin = twin_class(device.driver)(device.options.model_dump(mode="json"))
            path = folder / f"wire-{device.name}"
            tcp = isinstance(device.link, TcpSpec)
            wire: Wire = TcpWire(twin) if tcp else PtyWire(twin, path)
            thread.add(device.name, wire)
        yield {**thread.links(), **links}
    finally:
        thread.close()


@contextmanager
def running(folder: Path, *, devices: str, attached: bool = False) -> Iterator[int]:
    """A hall that has been open for a while; its process."""
    folder.mkdir()
    daemon = RunningDaemon(folder, devices)
    wires = folder / "w"
    wires.mkdir()
    with twins(wires) as links:
        if attached:
            daemon.rewire(links)
        daemon.start()
        try:
            assert daemon.process is not None
            ready(Served(daemon.state / "bus", daemon.process.pid))
            time.sleep(SETTLE_S)
            yield daemon.process.pid
        finally:
            daemon.stop()


@scenario("idle", "Nothing happens")
def idle(bench: Bench) -> Result:
    """Three halls side by side: without devices, all of them attached, none of them there."""
    seconds = bench.much(60, 20)
    all_of_them = (ROOT / "devices.yaml").read_text()
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        with (
            running(folder / "a", devices="devices: {}\n") as none,
            running(folder / "b", devices=all_of_them, attached=True) as attached,
            running(folder / "c", devices=all_of_them) as gone,
        ):
            subjects = {
                "no devices": lambda: idling(none, seconds),
                "all attached": lambda: idling(attached, seconds),
                "none there": lambda: idling(gone, seconds),
            }
            goals = [Goal(one, "% of a core", most=0.5) for one in subjects]
            goals += [Goal(one, "RSS MB", most=60) for one in subjects]
            notes = ["RSS is the daemon's; a voice's player is a process of its own."]
            return bench.side_by_side(
                subjects, goals=goals, rounds=bench.much(2, 1), warm=False, notes=notes
            )


def asked_often(found: Clients, asker: zmq.Socket[bytes], count: int) -> None:
    """Commands that leave nothing behind but the journal's rows: help is asked for at a door."""
    for sent in range(count + AT_ONCE):
        if sent < count:
            found.served.asked += 1
            asker.send(
                b'{"v":1,"from":"kiosk-1","ask":"command","id":"g%d",'
                b'"command":{"type":"AskHelp","place":"door"}}' % found.served.asked
            )
        if sent >= AT_ONCE:
            answer = asker.recv()
    checked(answer)


@scenario("growth", "Memory after 300,000 commands")
def growth(bench: Bench) -> Result:
    """The first commands fill caches; what is added after them is growth."""
    count = bench.much(300_000, 30_000)
    with hall() as served, clients(served) as found:
        asker = found.asker()
        asked_often(found, asker, BATCH * 2)

        def more() -> Measures:
            before_mb = rss_mb(served.pid)
            for done in range(0, count, BATCH):
                bench.say(f"{done} of {count}")
                asked_often(found, asker, BATCH)
            return {"growth MB": rss_mb(served.pid) - before_mb, "RSS MB": rss_mb(served.pid)}

        goals = [Goal("hall", "growth MB", most=1.0), Goal("hall", "RSS MB", most=60)]
        notes = ["AskHelp, 64 at once, over the bus: each is journalled with its answer."]
        return bench.side_by_side({"hall": more}, goals=goals, rounds=1, warm=False, notes=notes)


@scenario("evening", "Memory after a day of 500 visits")
def evening(bench: Bench) -> Result:
    """The day is folded from its journal, which leaves what living it through leaves."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        subjects = {
            "empty": lambda: _evening(folder / "e", None),
            "a day": lambda: _evening(folder / "d", kept_days.day()),
        }
        goals = [Goal("a day", "RSS MB", most=60)]
        return bench.side_by_side(subjects, goals=goals, rounds=bench.much(3, 1), warm=False)


def _evening(folder: Path, kept: Path | None) -> Measures:
    """Memory of a hall that has read its day."""
    shutil.rmtree(folder, ignore_errors=True)
    hall_folder(folder / "hall")
    if kept:
        shutil.copytree(kept, folder / "s")
    with heard(folder) as manager:
        words = run_words(folder / "hall", folder / "s", folder / "clock")
        _, pid = start(folder, words, manager)
        time.sleep(2)
        found = {"RSS MB": rss_mb(pid)}
        stop(pid)
    return found
