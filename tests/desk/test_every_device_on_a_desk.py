"""A desk with one device of every driver there is: the real daemon, real wires, every twin."""

import json
import re
import shutil
import urllib.request

import pytest

from desk_page import ROOT, Page, desk_process
from every_driver import TWINNED
from hallctl.device import driver_class


def device_of(number, name):
    """An entry of devices.yaml, with the options its driver offers as an example."""
    kind = driver_class(name)
    line = {"serial": f"/dev/serial/by-path/pci-0000:00:14.0-usb-0:{number}:1.0-port0"}
    link = {"escpos": {"tcp": "printer.internal:9100"}, "voice_clips": {"sound": "default"}}
    serves = {"serves": ["kiosk-1"]} if kind.kind == "printer" else {}
    options = kind.Options.model_validate(dict(kind.example)).model_dump(
        mode="json", exclude_defaults=True
    )
    return {"driver": name, "link": link.get(name, line), **serves, **options}


class Desk(Page):
    """A running desk without a browser before it."""

    def __init__(self, address, folder):
        super().__init__(None, address, folder / "hall", folder / "s")

    def ask(self, path, **body):
        asked = urllib.request.Request(
            f"{self.address}api/{path}", json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status == 200

    def said(self, words, since):
        """Whether a line newer than `since` says so."""
        lines = [line["words"] for line in self.state()["log"] if line["n"] > since]
        return any(re.search(words, line) for line in lines)

    def links(self):
        return self.state()["hall"]["links"]


def named(driver):
    return driver.replace("_", "-")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("e")
    hall = folder / "hall"
    hall.mkdir()
    for name in ("hall.yaml", "catalogue.yaml"):
        shutil.copy(ROOT / name, hall)
    devices = {named(name): device_of(n, name) for n, name in enumerate(TWINNED, 1)}
    (hall / "devices.yaml").write_text(json.dumps({"devices": devices}, ensure_ascii=False))
    with desk_process(hall, folder / "s") as address:
        desk = Desk(address, folder)
        desk.until(lambda: set(desk.links().values()) == {"up"}, "all devices up")
        yield desk


def test_every_device_is_online(desk):
    assert set(desk.links()) == {named(name) for name in TWINNED}
    assert all(device["twin"] and device["words"] == [] for device in desk.state()["devices"])


@pytest.mark.parametrize("driver", [n for n in TWINNED if driver_class(n).kind == "keypad"])
def test_a_key_of_every_kind_of_keypad_reaches_the_hall(desk, driver):
    device = desk.device(named(driver))
    since, window = desk.log_end(), device["windows"][0]
    desk.ask(f"press/{device['name']}", window=window, key="call", digits="")
    desk.until(lambda: desk.said(f"{window} 号窗口(叫|按)", since), "the key")


@pytest.mark.parametrize("driver", [n for n in TWINNED if driver_class(n).kind == "strip"])
def test_every_kind_of_strip_shows_what_the_hall_says(desk, driver):
    device = desk.device(named(driver))

    def lit():
        strips = desk.device(device["name"])["state"]["windows"]
        texts = [strips[str(w)]["text"] for w in device["windows"]]
        return all(re.search(r"[\u4e00-\u9fff]|^\d+$", text) for text in texts)

    desk.until(lit, "a text on every strip")
    where = f"{desk.address}api/picture/{device['name']}/window-{device['windows'][0]}.png"
    with urllib.request.urlopen(where, timeout=30) as answer:
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("driver", [n for n in TWINNED if driver_class(n).kind == "pad"])
def test_a_grade_nobody_was_asked_for_is_harmless_on_every_kind_of_pad(desk, driver):
    device = desk.device(named(driver))
    since = desk.log_end()
    desk.ask(f"press/{device['name']}", window=device["windows"][0], grade=4)
    desk.until(lambda: desk.device(device["name"])["last"], "its frame")
    assert desk.links()[device["name"]] == "up"
    assert not desk.said("评价已收到", since)


@pytest.mark.parametrize("driver", [n for n in TWINNED if driver_class(n).kind == "reader"])
def test_a_card_can_be_laid_on_a_reader_and_taken_away(desk, driver):
    device = desk.device(named(driver))
    laid, taken = device["deeds"]
    assert (laid["words"], taken["words"]) == ("放上身份证", "拿走")
    desk.ask(f"press/{device['name']}", **laid["press"])
    desk.until(lambda: desk.device(device["name"])["state"]["card"], "the card")
    desk.ask(f"press/{device['name']}", **taken["press"])
    desk.until(lambda: not desk.device(device["name"])["state"]["card"], "no card")
    assert desk.links()[device["name"]] == "up"


@pytest.mark.parametrize("driver", TWINNED)
def test_every_device_may_be_pulled_out_and_put_back(desk, driver):
    name = named(driver)
    desk.ask(f"fault/{name}", fault="unplug", on=True)
    desk.until(lambda: desk.links()[name] == "down", f"{name} down")
    desk.ask(f"fault/{name}", fault="unplug", on=False)
    desk.until(lambda: desk.links()[name] == "up", f"{name} up")
