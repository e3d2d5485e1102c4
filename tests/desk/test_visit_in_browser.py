"""A whole visit through the page in headless Chromium: the real daemon, screens, wires, bytes."""

import contextlib
import hashlib
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
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from hallctl.client import HallClient
from hallctl.core.commands import IssueTicket

ROOT = Path(__file__).parents[2]
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PRIMARY = (0x0B, 0x4F, 0x71)
PATIENCE_S = 60
PAGES = {"home": (0.25, 0.45), "item": (0.6, 0.76), "ticket": (0.77, 0.9)}
"""The kiosk's pages by the height of their main button: 不清楚办什么, 取号, 知道了."""
HASH_IN_BROWSER = """
const [css, done] = arguments, picture = document.querySelector(css);
const size = [picture.naturalWidth, picture.naturalHeight];
const paint = new OffscreenCanvas(...size).getContext("2d");
paint.drawImage(picture, 0, 0);
const rgba = paint.getImageData(0, 0, ...size).data;
const rgb = new Uint8Array(size[0] * size[1] * 3);
for (let from = 0, to = 0; from < rgba.length; from += 4)
  for (let part = 0; part < 3; part += 1) rgb[to++] = rgba[from + part];
crypto.subtle.digest("SHA-256", rgb).then((found) => done([picture.dataset.sha256,
  [...new Uint8Array(found)].map((byte) => byte.toString(16).padStart(2, "0")).join("")]));
"""

pytestmark = pytest.mark.skipif(
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
        """Poll until `true` answers something, and give that."""
        until_s = time.monotonic() + PATIENCE_S
        while not (found := true()):
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
        lines = [line["words"] for line in self.state()["log"] if line["n"] > since]
        return next(f[1] for f in (re.match(r"取号 (\w+)", words) for words in lines) if f)

    def key(self, window, key):
        self.click(f'#window-{window} [data-key="{key}"]')

    def strip(self, window):
        return self.device("strips")["state"]["windows"][str(window)]["text"]

    def fault(self, device, name, on):
        chip = f'[data-device="{device}"][data-fault="{name}"]'
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
        client = HallClient(self.folder / "bus", "kiosk", "kiosk-1", follow=False)
        try:
            asked = client.ask(IssueTicket(queue=queue, kiosk="kiosk-1"))
            answer = client.wait(asked, PATIENCE_S)
        finally:
            client.close()
        assert answer is not None
        assert answer.ok, answer
        return answer.result["label"]

    def journal(self):
        lines = self.hallctl("journal", "export").splitlines()
        return [json.loads(line)["event"] for line in lines]


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


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    hall = folder / "hall"
    hall.mkdir()
    for name in ("hall.yaml", "catalogue.yaml", "devices.yaml"):
        shutil.copy(ROOT / name, hall)
    with desk_process(hall, folder / "s") as address, chromium() as browser:
        browser.get(address)
        page = Page(browser, address, hall, folder / "s")
        page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "body[data-ready]"), "the page")
        page.until(lambda: len(page.state()["screens"]) == 2, "the screens")
        page.until(lambda: set(page.state()["hall"]["links"].values()) == {"up"}, "the devices")
        page.until(lambda: page.is_at("home"), "the kiosk's home page")
        yield page


def test_a_whole_visit_from_touch_to_rating(page):
    label = page.take_ticket()
    slip = page.until(lambda: next((s for s in page.slips() if label in s["text"]), None), "a slip")
    assert any("综合" in line for line in slip["text"])
    paper = page.until(lambda: page.one("#slips figure img"), "the paper")
    page.until(lambda: paper.get_property("naturalWidth") > 300, "the paper's picture")
    assert label in paper.get_attribute("alt")

    before, light = page.state()["screens"]["hall-1"]["sha256"], page.strip(3)
    page.key(3, "call")
    page.until_log(f"3 号窗口叫 {label}")
    page.until(lambda: label in page.strip(3), "the strip")
    assert page.strip(3) != light
    page.until(lambda: label in page.one("#window-3 .led img").get_attribute("alt"), "the strip")
    page.until(lambda: page.state()["screens"]["hall-1"]["sha256"] != before, "the hall screen")
    page.until_log(f"hall-1 已显示 {label}")
    page.until_log(f"voice-1 已播报 {label}")
    assert page.one("#window-3 .no").text == label

    page.key(3, "confirm")
    page.until_log(f"3 号窗口开始办理 {label}")
    page.key(3, "rate")
    page.until(lambda: page.device("pad-3")["state"]["asking"], "the pad's question")
    page.until(lambda: page.one('#window-3 [data-grade="5"]').is_enabled(), "the pad's faces")
    assert not page.one('#window-4 [data-grade="5"]').is_enabled()
    page.click('#window-3 [data-grade="5"]')
    page.until_log(f"3 号窗口 {label} 评价已收到")
    rated = [e for e in page.journal() if e["type"] == "VisitRated"]
    assert [(e["window"], e["grade"]) for e in rated] == [(3, 5)]
    page.until(lambda: not page.device("pad-3")["state"]["asking"], "the pad's rest")


def test_digits_typed_before_the_call_key_call_that_ticket(page):
    first = page.take_ticket()
    second = page.take_ticket()
    assert first != second
    for digit in second[1:]:
        page.key(4, digit)
    assert second[1:] in page.one("#window-4 .lcd").text
    page.key(4, "call")
    page.until_log(f"4 号窗口叫 {second}")
    page.key(4, "rate")


def test_the_pictures_are_the_screens_own_surfaces(page):
    for screen, tile in (("kiosk-1", "kiosk"), ("hall-1", "hall")):
        image, digest = page.frame(screen)
        assert hashlib.sha256(image.tobytes()).hexdigest() == digest
        told, drawn = page.browser.execute_async_script(HASH_IN_BROWSER, f"#{tile} img")
        assert told == drawn


def test_a_stopped_screen_says_since_when_and_comes_back(page):
    page.click('[data-child="kiosk-1"][data-do="stop"]')
    page.until(lambda: "画面停在" in page.one("#kiosk .stopped").text, "the words")
    assert re.search(r"画面停在 9:\d\d:\d\d", page.one("#kiosk .stopped").text)
    assert "stale" in page.one("#kiosk").get_attribute("class")
    page.click('[data-child="kiosk-1"][data-do="start"]')
    page.until(lambda: "stale" not in page.one("#kiosk").get_attribute("class"), "the kiosk")


def test_a_killed_daemon_comes_back_with_the_same_hall(page):
    page.until(lambda: page.state()["hall"]["alive"], "the daemon")
    windows, seq = page.state()["hall"]["windows"], page.state()["hall"]["seq"]
    page.click('[data-child="daemon"][data-do="kill"]')

    def back():
        state = page.state()
        daemon = next(c for c in state["children"] if c["name"] == "daemon")
        return daemon["starts"] == 2 and state["hall"]["alive"] and state["hall"]["seq"] >= seq

    page.until(back, "the daemon")
    now = page.state()["hall"]["windows"]
    assert [(w["label"], w["status"]) for w in now] == [(w["label"], w["status"]) for w in windows]
    page.until(lambda: set(page.state()["hall"]["links"].values()) == {"up"}, "the devices")
    page.until(lambda: page.is_at("home"), "the kiosk")


def test_every_device_can_be_unplugged_and_plugged_in_again(page):
    names = [d["name"] for d in page.state()["devices"]]
    for name in names:
        page.fault(name, "unplug", True)
    page.until(lambda: set(page.state()["hall"]["links"].values()) == {"down"}, "all down")
    for name in names:
        page.fault(name, "unplug", False)
    page.until(lambda: set(page.state()["hall"]["links"].values()) == {"up"}, "all up")


@pytest.mark.parametrize(
    ("fault", "words", "again"),
    [("paper_out", "纸用完了", "纸够用"), ("cover_open", "盖子打开", "盖子合上")],
)
def test_a_slip_is_held_while_the_printer_cannot_and_printed_when_it_can(page, fault, words, again):
    since, before = page.log_end(), page.device("printer-1")["state"]["cuts"]
    page.fault("printer-1", fault, True)
    page.until_log(words, since)
    label = page.issue("A")
    page.until_log(f"{label} 的号票先等着", since)
    assert page.device("printer-1")["state"]["cuts"] == before
    page.fault("printer-1", fault, False)
    page.until_log(again, since)
    page.until_log(f"{label} 的号票打出来了", since)
    assert page.device("printer-1")["state"]["cuts"] == before + 1


def test_low_paper_is_known_and_printing_goes_on(page):
    since = page.log_end()
    page.fault("printer-1", "paper_low", True)
    page.until_log("纸快用完", since)
    label = page.issue("A")
    page.until_log(f"{label} 的号票打出来了", since)
    page.fault("printer-1", "paper_low", False)
    page.until_log("纸够用", since)


@pytest.mark.parametrize("fault", ["stall", "silent"])
def test_a_printer_that_does_not_answer_is_noticed_and_recovers(page, fault):
    since = page.log_end()
    page.fault("printer-1", fault, True)
    page.until_log("printer-1", since)
    page.until_log("printer-1：", since)
    page.fault("printer-1", fault, False)
    page.until_log("状态正常", since)


def test_a_mute_voice_is_noticed(page):
    since = page.log_end()
    page.fault("voice-1", "mute", True)
    page.key(4, "call")
    page.until_log("4 号窗口叫|没有人等候", since)
    page.until(lambda: page.device("voice-1")["state"]["plays"][-1]["failed"], "the silence")
    page.fault("voice-1", "mute", False)


def test_the_clock_on_the_page_goes_forward(page):
    page.click("[data-clock*=minutes]")
    page.until(lambda: page.one("#time").text.startswith(("9:4", "9:5")), "the clock")
    assert page.one('[data-clock*="12:00"]').is_enabled()


def test_nothing_went_wrong_in_the_browser(page):
    severe = [x for x in page.browser.get_log("browser") if x["level"] == "SEVERE"]
    assert [x for x in severe if "chime.wav" not in x["message"]] == []
