"""The desk's page in headless Chromium, before the real daemon, screens, wires and bytes."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from hallctl.client import HallClient
from hallctl.core.commands import AskHelp, IssueTicket
from spoken_hall import record

ROOT = Path(__file__).parents[1]
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PRIMARY = (0x0B, 0x4F, 0x71)
PATIENCE_S = 60
PAGES = {"home": (0.25, 0.45), "item": (0.6, 0.76), "ticket": (0.77, 0.9)}
"""The kiosk's pages by the height of their main button: 不清楚办什么, 取号, 知道了."""

needs_browser = pytest.mark.skipif(
    not Path(DRIVER).exists(), reason="needs the packages chromium and chromium-driver"
)


class Page:
    """The desk's page in a browser, and the state behind it."""

    def __init__(self, browser, address, hall, state):
        self.browser = browser
        self.address = address
        self.hall = hall
        self.folder = state

    def state(self):
        with urllib.request.urlopen(f"{self.address}api/state", timeout=30) as answer:
            return json.load(answer)

    def device(self, name):
        return next(d for d in self.state()["devices"] if d["name"] == name)

    def until(self, true, what=""):
        """Poll until `true` answers something, and give that.

        An element that is not there yet, or is being drawn anew, is looked for again.
        """
        until_s = time.monotonic() + PATIENCE_S
        while not (found := _seen(true)):
            assert time.monotonic() < until_s, f"{what} never came: {self.story()}"
            time.sleep(0.1)
        return found

    def story(self):
        """What a person wants to read when something never came."""
        state = self.state()
        log = "\n".join(f"{line['time']} {line['words']}" for line in state["log"][:15])
        last = "\n".join(f"{c['name']}: {c['words'][-3:]}" for c in state["children"])
        return f"\n{log}\n{last}"

    def until_log(self, words, since=0):
        """A line of the log on the page, newer than `since`."""

        def seen():
            lines = [line for line in self.state()["log"] if line["n"] > since]
            return any(re.search(words, line["words"]) for line in lines)

        self.until(seen, words)
        self.until(lambda: re.search(words, self.one("#log").text), words)

    def log_end(self):
        return self.state()["log"][0]["n"]

    def one(self, css):
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def click(self, css):
        element = self.one(css)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def frame(self, screen):
        """The newest frame of a screen with the hash in its header."""
        with urllib.request.urlopen(f"{self.address}api/frame/{screen}.png", timeout=30) as answer:
            png, digest = answer.read(), answer.headers["X-Frame-Sha256"]
        return Image.open(io.BytesIO(png)).convert("RGB"), digest

    def has_both_pictures(self):
        """Whether both screens have drawn: one says that it lives before it has."""
        return sum("width" in screen for screen in self.state()["screens"].values()) == 2

    def primary(self):
        """Where the kiosk's largest button in the primary colour is (0 to 1), or None."""
        image, _ = self.frame("kiosk-1")
        small = image.resize((54, 96), Image.Resampling.NEAREST)
        lit = [(x, y) for y in range(96) for x in range(54) if small.getpixel((x, y)) == PRIMARY]
        rows = sorted({y for _, y in lit if sum(p[1] == y for p in lit) > 25})
        bands = []
        for y in rows:
            if bands and y - bands[-1][-1] <= 2:
                bands[-1].append(y)
            else:
                bands.append([y])
        if not bands:
            return None
        band = max(bands, key=len)
        return 0.5, (band[0] + band[-1] + 1) / 2 / 96

    def is_at(self, place):
        """Whether the kiosk shows that page, known by where its main button is."""
        found = self.primary()
        low, high = PAGES[place]
        return found is not None and low < found[1] < high

    def touch_on(self, here, there):
        """Click the main button of one page, on the page in the browser, until the next comes."""
        again_s = 0.0

        def arrived():
            nonlocal again_s
            if self.is_at(there):
                return True
            if self.is_at(here) and time.monotonic() > again_s:
                self.touch_primary()
                again_s = time.monotonic() + 5
            return False

        self.until(arrived, f"the kiosk's page {there}")

    def touch_primary(self):
        picture, (_, y) = self.one("#kiosk img"), self.primary()
        down = round((y - 0.5) * picture.size["height"])
        ActionChains(self.browser).move_to_element_with_offset(picture, 0, down).click().perform()

    def slips(self):
        return self.device("printer-1")["state"]["slips"]

    def take_ticket(self):
        """Two touches on the kiosk, and a third to go home; gives the number of the new ticket."""
        since = self.log_end()
        self.touch_on("home", "item")
        self.touch_on("item", "ticket")
        self.touch_on("ticket", "home")

        def taken():
            lines = [line["words"] for line in self.state()["log"] if line["n"] > since]
            return next((f[1] for f in (re.match(r"取号 (\w+)", x) for x in lines) if f), "")

        return self.until(taken, "the number")

    def key(self, window, key):
        self.click(f'#window-{window} [data-key="{key}"]')

    def strip(self, window):
        return self.device("strips")["state"]["windows"][str(window)]["text"]

    def fault(self, device, name, on):
        chip = f'[data-device="{device}"][data-fault="{name}"]'
        if not self.one(chip).is_displayed():
            self.click(f'[data-open="{device}"]')
        if (self.one(chip).get_attribute("aria-pressed") == "true") != on:
            self.click(chip)
        pressed = str(on).lower()
        self.until(lambda: self.one(chip).get_attribute("aria-pressed") == pressed, chip)

    def hallctl(self, *words):
        words = [*words, "--json", "--hall", str(self.hall), "--state", str(self.folder)]
        return subprocess.run(
            [sys.executable, "-m", "hallctl", *words],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def issue(self, queue):
        """A number taken as the kiosk takes it, over the bus; gives its label."""
        return self.kiosk(IssueTicket(queue=queue, kiosk="kiosk-1"))["label"]

    def ask_help(self):
        self.kiosk(AskHelp(place="kiosk-1"))

    def kiosk(self, command):
        """The result of a command as the kiosk sends it."""
        client = HallClient(self.folder / "bus", "kiosk", "kiosk-1", follow=False)
        try:
            answer = client.wait(client.ask(command), PATIENCE_S)
        finally:
            client.close()
        assert answer is not None
        assert answer.ok, answer
        return answer.result

    def journal(self):
        lines = self.hallctl("journal", "export").splitlines()
        return [json.loads(line)["event"] for line in lines]


def _seen(true):
    try:
        return true()
    except (NoSuchElementException, StaleElementReferenceException):
        return None


@contextlib.contextmanager
def desk_process(hall, state):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "hallctl", "desk", "--hall", str(hall), "--state", str(state),
         "--port", "0", "--clock", "Tue 09:30"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "COLUMNS": "200"},
    ) as process:  # fmt: skip
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                    break
            else:
                pytest.fail("".join(said))
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


@contextlib.contextmanager
def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1600,1080",
                 "--disable-background-networking", "--disable-dev-shm-usage"):  # fmt: skip
        options.add_argument(word)
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


@contextlib.contextmanager
def opened_page(folder, *, undo_s=10, devices=None):
    """A desk on the repository's hall at 9:30 of a Tuesday, everything up, and its page.

    `undo_s` is how long a press can be taken back, for tests that may be slow; `devices` are
    other devices than the repository's. What the voice says is recorded as short tones.
    """
    hall = folder / "hall"
    hall.mkdir()
    for name in ("hall.yaml", "catalogue.yaml", "devices.yaml"):
        shutil.copy(ROOT / name, hall)
    if devices:
        (hall / "devices.yaml").write_text(json.dumps({"devices": devices}))
    rules = (hall / "hall.yaml").read_text()
    (hall / "hall.yaml").write_text(re.sub(r"undo_s: \d+", f"undo_s: {undo_s}", rules))
    record(hall)
    with desk_process(hall, folder / "s") as address, chromium() as browser:
        browser.get(address)
        page = Page(browser, address, hall, folder / "s")
        page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "body[data-ready]"), "the page")
        page.until(page.has_both_pictures, "the screens")
        page.until(lambda: set(page.state()["hall"]["links"].values()) == {"up"}, "the devices")
        page.until(lambda: page.is_at("home"), "the kiosk's home page")
        yield page
