"""Be a new user: start the hall on a terminal, look, take a number, press Ctrl-C; twice.

`python3 scripts/first_time.py [make run …]`, in the repository's root; scripts/test_distros.sh does
it in a clean system. Python's standard library only, for nothing else may be installed yet. Exits 0
when both starts went as README says: the page shows living screens and devices, and the second
hall goes on where the first one stopped.
"""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+[/\w]*")
INSTALL_WITHIN_S = 1500.0
OPEN_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
PNG = b"\x89PNG\r\n\x1a\n"


def read_until(terminal: int, wanted: re.Pattern[bytes] | None, within_s: float) -> bytes:
    """What the terminal shows, until `wanted` appears or the other side closes."""
    seen = b""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        ready, _, _ = select.select([terminal], [], [], 1.0)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # a terminal whose other side has closed answers EIO
            piece = b""
        if not piece:
            return seen
        sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        seen += piece
        # The address is whole only when something stands behind it.
        if wanted and (found := wanted.search(seen)) and found.end() < len(seen):
            return seen
    raise SystemExit(f"first_time: nothing came within {within_s:.0f} s")


def fetched(address: str) -> bytes:
    """What the page's server gives; nothing while it is not there yet."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            found: bytes = answer.read()
    except urllib.error.HTTPError:
        return b""
    return found


def missing(address: str) -> list[str]:
    """What on the page does not live yet."""
    state: dict[str, Any] = json.loads(fetched(address + "api/state") or b"{}")
    screens = state.get("screens", {})
    links = (state.get("hall") or {}).get("links", {})
    lacking = [name for name in ("kiosk-1", "hall-1") if screens.get(name, {}).get("stale", True)]
    lacking += [
        f"{name}'s picture"
        for name in screens
        if not fetched(f"{address}api/frame/{name}.png").startswith(PNG)
    ]
    lacking += [name for name, link in links.items() if link != "up"]
    return lacking or ([] if links else ["all devices"])


def number_taken() -> int:
    """Take a number of queue A with the command line; its digits."""
    words = [".venv/bin/hallctl", "issue", "A", "--kiosk", "kiosk-1", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise SystemExit(f"first_time: no number was given: {done.stdout}{done.stderr}")
    return int(json.loads(done.stdout)["label"].lstrip("A"))


def look(shown: bytes) -> int:
    """Open the page at the address that was shown, wait until all of it lives, take a number."""
    found = ADDRESS.search(shown)
    if found is None:
        raise SystemExit("first_time: the command ended without naming an address")
    address = found.group().decode().rstrip("/") + "/"
    if b"<html" not in fetched(address).lower():
        raise SystemExit(f"first_time: {address} is no page")
    ends = time.monotonic() + OPEN_WITHIN_S
    while lacking := missing(address):
        if time.monotonic() > ends:
            raise SystemExit(f"first_time: after {OPEN_WITHIN_S:.0f} s still missing: {lacking}")
        time.sleep(0.5)
    return number_taken()


def start_look_stop(command: list[str]) -> int:
    """One start of the hall, from the command to Ctrl-C; the number that was taken."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    try:
        number = look(read_until(terminal, ADDRESS, INSTALL_WITHIN_S))
    finally:  # a hall that disappoints is closed too
        os.write(terminal, b"\x03")
        read_until(terminal, None, STOP_WITHIN_S)
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    print(f"first_time: screens and devices live, number {number} taken, exit code {code}")
    if code != 0:
        raise SystemExit("first_time: Ctrl-C must end with exit code 0")
    return number


if __name__ == "__main__":
    start = sys.argv[1:] or ["make", "run"]
    first, second = start_look_stop(start), start_look_stop(start)
    # A clock that was asked for moves on to the next such time, so to another day.
    if second != first + 1 and not any("--clock" in word for word in start):
        raise SystemExit(f"first_time: {first} before the second start, {second} after it")
