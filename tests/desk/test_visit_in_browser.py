"""A whole visit through the page in headless Chromium: the real daemon, screens, wires, bytes."""

import hashlib
import re

import pytest

from desk_page import needs_browser, opened_page

HASH_IN_BROWSER = """
const [css, done] = arguments, picture = document.querySelector(css);
if (!picture.complete) return done(null); // the next one is on its way
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

pytestmark = needs_browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with opened_page(tmp_path_factory.mktemp("v")) as page:
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
    page.until_log(f"voice-1 播完 {label}")
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
        told, drawn = page.until(
            lambda css=f"#{tile} img": page.browser.execute_async_script(HASH_IN_BROWSER, css),
            "a whole picture",
        )
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


def test_a_device_says_in_words_how_it_is_and_shows_what_went_over_its_wire(page):
    strips = '[data-row="strips"]'
    page.until(lambda: page.one(f"{strips} .said").text == "在线", "the word")
    assert not page.one(f"{strips} pre").is_displayed()
    page.fault("strips", "noise", True)
    page.until(lambda: page.one(f"{strips} .said").text == "在线（桌面：杂波）", "what is wrong")
    assert "→ a5 68 32" in page.one(f"{strips} pre").text
    page.fault("strips", "noise", False)
    page.fault("strips", "unplug", True)
    page.until(lambda: page.one(f"{strips} .said").text == "离线（桌面：拔线）", "that it is away")
    page.fault("strips", "unplug", False)
    page.until(lambda: page.one(f"{strips} .said").text == "在线", "that it is back")
    page.click('[data-open="strips"]')
    assert not page.one(f"{strips} pre").is_displayed()


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
    said = '[data-row="printer-1"] .said'
    page.until(lambda: page.one(said).text == "在线 · 纸快用完（桌面：纸少）", "both words")
    label = page.issue("A")
    page.until_log(f"{label} 的号票打出来了", since)
    page.click('[data-deed="printer-1"]')  # 换新纸
    page.until_log("纸够用", since)
    assert page.device("printer-1")["words"] == []


@pytest.mark.parametrize("fault", ["stall", "silence"])
def test_a_printer_that_does_not_answer_is_noticed_and_recovers(page, fault):
    since = page.log_end()
    page.fault("printer-1", fault, True)
    page.until_log("printer-1", since)
    page.until_log("printer-1：", since)
    page.fault("printer-1", fault, False)
    page.until_log("状态正常", since)


def test_a_mute_voice_is_noticed_and_comes_back(page):
    since = page.log_end()
    page.fault("voice-1", "no_sound", True)
    page.until_log("voice-1：没有声音", since)
    page.fault("voice-1", "no_sound", False)
    page.until_log("voice-1：状态正常", since)


def test_the_clock_on_the_page_goes_forward(page):
    page.click("[data-clock*=minutes]")
    page.until(lambda: page.one("#time").text.startswith(("9:4", "9:5")), "the clock")
    assert page.one('[data-clock*="12:00"]').is_enabled()


def test_nothing_went_wrong_in_the_browser(page):
    severe = [x for x in page.browser.get_log("browser") if x["level"] == "SEVERE"]
    assert severe == []
