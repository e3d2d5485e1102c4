"""A busy half hour of the voice, rendered offline and heard by the tests' ear: lengths and levels.

    .venv/bin/python benchmarks/voice_heard.py [SEED] [--clips FOLDER] [--wav FILE]

The same seed and clips give the same table, and the same samples (their SHA-256 is printed).
Without `--clips` they are made first, which takes a minute. `--wav` keeps the sound to listen to.
"""

import argparse
import statistics
import sys
import tempfile
import wave
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hallctl.core import events as e
from hallctl.voice.clips import Library
from hallctl.voice.making import build
from hearing import Ear, Heard
from judging import complaints, told_in
from rendering import RATE, Rendered, half_hour, rules_of_this_hall
from running import ROOT


def main() -> int:
    """Render, listen, print; 1 when the ear has a complaint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", nargs="?", default="2026-11-23")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--wav", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.clips or Path(made)
        folders = (folder, ROOT / "sounds")
        build(rules_of_this_hall(), Library(folders), folder, lambda _: None)
        rendered = half_hour(folders, asked.seed)
        heard = Ear(folders).listen(rendered.pcm)
    if asked.wav:
        _written(asked.wav, rendered)
    _told(asked.seed, rendered, heard)
    wrong = complaints(rendered.pcm, heard, rendered.journal)
    print(f"\ncomplaints of the ear: {len(wrong)}", *wrong[:20], sep="\n")
    return 1 if wrong else 0


def _told(seed: str, rendered: Rendered, heard: list[Heard]) -> None:
    told = told_in(rendered.journal).values()
    kinds = Counter(type(x.event).__name__ for x in rendered.journal)
    skipped = Counter(
        x.event.reason for x in rendered.journal if isinstance(x.event, e.AnnouncementSkipped)
    )
    print(f"seed {seed}: sha256 {rendered.sha256[:16]}…")
    print(
        f"{kinds['TicketCalled']} calls, {kinds['TicketRecalled']} recalls: {len(told)} queued, "
        f"{len(heard)} heard, skipped {dict(skipped)}"
    )
    sound_s = sum(x.lasts_s for x in heard)
    print(f"{sound_s:.0f} s of {len(rendered.pcm) / RATE:.0f} s it sounds")
    rows = defaultdict(list)
    for one in heard:
        (form, _, _), *_ = one.reads
        rows[form, " + ".join(one.languages)].append(one)
    print(f"\n{'form':8} {'languages':32} {'':>4} {'seconds: min':>12} {'median':>7} {'max':>6}")
    for (form, languages), ones in sorted(rows.items()):
        lasts_s = sorted(x.lasts_s for x in ones)
        middle_s = statistics.median(lasts_s)
        print(
            f"{form:8} {languages:32} {len(ones):4} "
            f"{lasts_s[0]:12.2f} {middle_s:7.2f} {lasts_s[-1]:6.2f}"
        )
    levels = defaultdict(list)
    for one in heard:
        for sentence in one.sentences:
            levels[sentence.language].append(sentence.lufs)
    print(f"\n{'sentences at 80 %':41} {'':>4} {'LUFS: min':>12} {'median':>7} {'max':>6}")
    levels["all"] = [x for found in levels.values() for x in found]
    for language, lufs in levels.items():
        print(
            f"{language:41} {len(lufs):4} {min(lufs):12.2f} {statistics.median(lufs):7.2f} "
            f"{max(lufs):6.2f}"
        )


def _written(path: Path, rendered: Rendered) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(rendered.pcm.tobytes())


if __name__ == "__main__":
    sys.exit(main())
