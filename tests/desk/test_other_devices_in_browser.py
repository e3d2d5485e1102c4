"""The page with other devices than the repository's: USB keypads and pads, other strips."""

import pytest

from desk_page import needs_browser, opened_page

pytestmark = needs_browser


def line(number):
    return {"serial": f"/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.{number}:1.0-port0"}


DEVICES = {
    "printer-1": {
        "driver": "escpos", "link": {"tcp": "printer.internal:9100"}, "serves": ["kiosk-1"],
    },
    "usb-keypad": {"driver": "keypad_hid", "link": line(1), "window": 1},
    "bus-keypads": {"driver": "keypad_rs485", "link": line(2), "windows": {"1": 2}},
    "usb-pad": {"driver": "pad_hid", "link": line(3), "window": 1},
    "bus-pads": {"driver": "pad_rs485", "link": line(4), "windows": {"1": 2}},
    "strip-modbus": {"driver": "led_modbus", "link": line(5), "strips": {"1": 1}},
    "strip-ascii": {"driver": "led_ascii", "link": line(6), "strips": {"2": 2}},
    "voice-1": {"driver": "voice_clips", "link": {"sound": "default"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with opened_page(tmp_path_factory.mktemp("o"), devices=DEVICES) as page:
        yield page


def alt(page, window):
    return page.one(f"#window-{window} .led img").get_attribute("alt")


@pytest.mark.parametrize("window", [1, 2])
def test_a_visit_at_a_window_with_such_devices(page, window):
    label = page.issue("A")
    page.key(window, "call")
    page.until_log(f"{window} 号窗口叫 {label}")
    page.until(lambda: label in alt(page, window), "the strip")
    page.key(window, "confirm")
    page.until_log(f"{window} 号窗口开始办理 {label}")
    page.key(window, "rate")
    face = f'#window-{window} [data-grade="4"]'
    page.until(lambda: page.one(face).is_enabled(), "the faces")
    page.click(face)
    page.until_log(f"{window} 号窗口 {label} 评价已收到")
    rated = [e for e in page.journal() if e["type"] == "VisitRated"]
    assert (rated[-1]["window"], rated[-1]["grade"]) == (window, 4)


def test_a_face_that_the_pad_has_not_cannot_be_pressed(page):
    page.issue("A")
    page.key(2, "call")
    page.key(2, "confirm")
    page.key(2, "rate")
    page.until(lambda: page.one('#window-2 [data-grade="5"]').is_enabled(), "the faces")
    assert not page.one('#window-2 [data-grade="1"]').is_enabled(), "this pad has four keys"


def test_a_usb_keypad_shows_its_last_keys_where_others_have_a_display(page):
    page.key(1, "recall")
    page.until(lambda: page.one("#window-1 .lcd").text.strip().endswith("+"), "the last key")


def test_nothing_went_wrong_in_the_browser(page):
    severe = [x for x in page.browser.get_log("browser") if x["level"] == "SEVERE"]
    assert severe == []
