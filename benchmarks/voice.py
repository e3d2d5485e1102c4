"""How soon a call is heard: from the journal's commit to the chime's first sample.

    .venv/bin/python benchmarks/voice.py [ROUNDS] [--clips FOLDER]

A real daemon calls tickets; its player plays into SDL's disk audio (`capture:FILE`), which takes a
block of 1,024 samples every 21 ms as a card does. Beside it, in the same rounds, stands the floor:
a bare pygame mixer that plays a buffer it has ready, into the same disk audio, with the device open
already, and with the device to be opened first. Machines differ and are noisy: hold to the ratios.

`answer` is when the asker has the daemon's answer, which is sent after the commit; `press` is when
the command was sent. Without `--clips` they are made first, which takes a minute.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.voice.clips import Library
from hallctl.voice.making import build
from running import ROOT, RawAsker, RunningDaemon

ROUNDS = 12
RATE = 48_000
LOOK_S = 0.0005
REST_S = 0.6
"""So long nothing must sound before the next measurement."""
PATIENT_S = 60.0
DEVICES = "devices: {voice-1: {driver: voice_clips, link: {sound: default}}}\n"
FLOOR = """
import os, sys
os.environ.update(SDL_AUDIODRIVER="disk", SDL_DISKAUDIOFILE=sys.argv[1])
from pygame import mixer
pcm = b"\\x00\\x10" * 48_000
def opened():
    mixer.init(48_000, -16, 1, 1024, allowedchanges=0)
opened()
sound = mixer.Sound(buffer=pcm)
print("ready", flush=True)
for line in sys.stdin:
    if line == "open\\n":
        opened()
        sound = mixer.Sound(buffer=pcm)
    if line == "close\\n":
        mixer.quit()
    else:
        sound.play()
    print("done", flush=True)
"""


class Tape:
    """A file that grows with sound, looked at from where it was looked at last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = 0

    def rewound(self) -> None:
        """The file is written anew."""
        self.at = 0

    def sounds(self) -> bool:
        """Whether anything but silence has come since the last look."""
        with self.path.open("rb") as file:
            file.seek(self.at)
            got = file.read()
        self.at += len(got)
        return any(got)

    def first_s(self) -> float:
        """When the next sound comes, by `time.perf_counter`."""
        until_s = time.perf_counter() + PATIENT_S
        while not self.sounds():
            assert time.perf_counter() < until_s, f"nothing sounds in {self.path}"
            time.sleep(LOOK_S)
        return time.perf_counter()

    def rest(self) -> None:
        """Wait until what sounds has ended."""
        quiet_s = time.perf_counter()
        while time.perf_counter() - quiet_s < REST_S:
            time.sleep(0.02)
            if self.sounds():
                quiet_s = time.perf_counter()


class Floor:
    """A process that does nothing but play."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", FLOOR, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        )
        self._answer()
        self.tape = Tape(path)

    def _answer(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline()

    def _tell(self, word: str) -> float:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()
        return time.perf_counter()

    def ready_s(self) -> float:
        """A ready buffer into an open device."""
        self.tape.rest()
        begun = self._tell("play")
        found = self.tape.first_s() - begun
        self._answer()
        self.tape.rest()
        return found

    def opened_s(self) -> float:
        """The device opened, and a ready buffer into it."""
        self._tell("close")
        self._answer()
        self.tape.path.write_bytes(b"")
        self.tape.rewound()
        begun = self._tell("open")
        found = self.tape.first_s() - begun
        self._answer()
        self.tape.rest()
        return found

    def end(self) -> None:
        """Let it go."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


class Caller:
    """Calls tickets at window 1 of a running daemon."""

    def __init__(self, daemon: RunningDaemon, tape: Tape) -> None:
        self.asker = RawAsker(daemon.state / "bus", "guide")
        self.tape = tape
        self._count = 0

    def ask(self, **command: object) -> None:
        """Ask, and hold the daemon to it."""
        self._count += 1
        answer = self.asker.ask(f"b{self._count}", command)
        assert answer["ok"], answer

    def called_s(self) -> tuple[float, float]:
        """From the press and from the answer to the chime's first sample."""
        self.ask(type="IssueTicket", queue="A", paper=False)
        self.tape.rest()
        pressed = time.perf_counter()
        self.ask(type="CallNext", window=1)
        answered = time.perf_counter()
        heard = self.tape.first_s()
        self.ask(type="Start", window=1)
        self.tape.rest()
        return heard - pressed, heard - answered


def clips_into(folder: Path) -> None:
    """Make the clips of the repository's hall."""
    rules = load(ROOT, driver_class=driver_class).rules
    built = build(rules, Library((folder, ROOT / "sounds")), folder, lambda _: None)
    assert not built.failed, built.failed


def measured(folder: Path, clips: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds by what was measured; rounds alternate between the floor and the hall."""
    captured = folder / "hall.raw"
    captured.write_bytes(b"")
    daemon = RunningDaemon(folder, DEVICES)
    (daemon.hall / "sounds").symlink_to(clips.resolve())
    daemon.rewire({"voice-1": {"sound": f"capture:{captured}"}})
    daemon.start()
    floor, tape = Floor(folder / "floor.raw"), Tape(captured)
    found: dict[str, list[float]] = defaultdict(list)
    try:
        caller = Caller(daemon, tape)
        caller.ask(type="AskHelp", place="door")  # the daemon runs
        time.sleep(3)  # and the player has opened its card, as in every hall in the morning
        found["call, the first of the day: answer"].append(caller.called_s()[1])
        for _ in range(rounds):
            found["floor: a ready buffer, device open"].append(floor.ready_s())
            pressed_s, answered_s = caller.called_s()
            found["call: answer to first sample"].append(answered_s)
            found["call: press to first sample"].append(pressed_s)
            found["floor: open the device, a ready buffer"].append(floor.opened_s())
        caller.asker.close()
    finally:
        floor.end()
        daemon.stop()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", type=int, nargs="?", default=ROUNDS)
    parser.add_argument("--clips", type=Path, help="made clips, as of `hallctl sounds build`")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.clips is None:
            clips_into(folder / "clips")
        found = measured(folder, asked.clips or folder / "clips", asked.rounds)
    names = sorted(found, key=lambda name: (not name.startswith("floor"), name))
    floor_s = statistics.median(found["floor: a ready buffer, device open"])
    load1, *_ = os.getloadavg()
    print(f"{_processor()}, {os.cpu_count()} cores, load {load1:.1f}; {asked.rounds} rounds; ms\n")
    print(f"{'':42}{'min':>7}{'median':>8}{'max':>8}{'× floor':>9}")
    for name in names:
        ms = [1000 * s for s in found[name]]
        middle = statistics.median(ms)
        ratio = middle / 1000 / floor_s
        print(f"{name:42}{min(ms):7.1f}{middle:8.1f}{max(ms):8.1f}{ratio:9.2f}")


def _processor() -> str:
    """The machine's own word for its processor."""
    lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


if __name__ == "__main__":
    main()
