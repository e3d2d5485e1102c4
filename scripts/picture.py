"""Make docs/desk.png, the README's picture: a desk is opened, used, and photographed.

Usage: python scripts/picture.py [OUTPUT]. Needs chromium and chromium-driver.
"""

import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[1]
SIZE = (1600, 1000)
UNSURE, TAKE, KNOWN = (0.5, 0.35), (0.5, 0.71), (0.5, 0.815)
"""Where the kiosk's buttons are: 不清楚办什么 and 取号, then 知道了 on the ticket's page."""
PATIENCE_S = 60


class Desk:
    """A running desk, by its HTTP interface."""

    def __init__(self, address: str, state: Path) -> None:
        self.address = address
        self.folder = state

    def state(self) -> dict[str, Any]:
        """The whole state."""
        with urllib.request.urlopen(f"{self.address}api/state", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def post(self, path: str, **body: Any) -> None:  # noqa: ANN401 - JSON
        """Ask for something; raises HTTPError when it is refused."""
        asked = urllib.request.Request(f"{self.address}api/{path}", json.dumps(body).encode())
        urllib.request.urlopen(asked, timeout=30).close()

    def until_log(self, words: str) -> None:
        """Wait for a line of the log."""
        until_s = time.monotonic() + PATIENCE_S
        while not any(re.search(words, line["words"]) for line in self.state()["log"]):
            if time.monotonic() > until_s:
                sys.exit(f"'{words}' never came: {self.state()['log'][:8]}")
            time.sleep(0.1)

    def touch(self, place: tuple[float, float]) -> None:
        """Tap the kiosk, and give its page time to come."""
        self.post("touch/kiosk-1", x=place[0], y=place[1])
        time.sleep(1.2)

    def press(self, window: int, key: str) -> None:
        """A clerk presses a key."""
        self.post("press/keypads", window=window, key=key)
        time.sleep(0.8)

    def issue(self, *queues: str) -> None:
        """Tickets taken elsewhere, so that the hall is not empty."""
        for queue in queues:
            place = ["--hall", str(ROOT), "--state", str(self.folder)]
            command = [sys.executable, "-m", "hallctl", "issue", queue, *place]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def opened(state: Path) -> Iterator[Desk]:
    """A desk at 9:40 of a Tuesday, closed afterwards."""
    command = [sys.executable, "-u", "-m", "hallctl", "desk", "--hall", str(ROOT)]
    command += ["--state", str(state), "--port", "0", "--clock", "Tue 09:40"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout or ())
            found = next((f for f in map(_address, lines) if f), "")
            if not found:
                sys.exit("The desk did not open.")
            yield Desk(found, state)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def _address(line: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    return found[0] if found else ""


def play(desk: Desk) -> None:
    """A few minutes of a morning."""
    until_s = time.monotonic() + PATIENCE_S
    while len(desk.state()["screens"]) < 2 or not desk.state()["hall"]["alive"]:  # noqa: PLR2004
        if time.monotonic() > until_s:
            sys.exit("The screens never came up.")
        time.sleep(0.2)
    desk.issue("A", "A", "A", "B", "B", "C", "Q", "A", "L", "A")
    for window in (1, 2, 6, 7):
        desk.press(window, "call")
        desk.press(window, "confirm")
    desk.press(8, "pause")
    desk.press(2, "rate")
    desk.touch(UNSURE)
    desk.touch(TAKE)
    desk.until_log("的号票打出来了")
    desk.press(3, "call")
    desk.until_log("3 号窗口叫")
    desk.until_log("hall-1 已显示")
    time.sleep(2)


def photograph(address: str, output: Path) -> None:
    """The page as a PNG of 1600 × 1000."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--disable-background-networking", "--disable-dev-shm-usage"):  # fmt: skip
        options.add_argument(word)
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        view = {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)
        browser.get(address)
        time.sleep(3)
        output.parent.mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(output))
    finally:
        browser.quit()


def main() -> None:
    """Play, photograph, say where the picture is."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "desk.png"
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as desk:
        play(desk)
        photograph(desk.address, output)
    print(f"{output}: {output.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
