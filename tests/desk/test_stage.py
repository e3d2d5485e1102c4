"""The devices on the desk: every kind of twin can be seen, used and broken there."""

import asyncio
import io
import json
import os
import re
import select
import wave

import pytest

from clips_on_disk import put, tone
from every_driver import TWINNED, first_window, make, options
from hallctl.config.devices_file import DeviceConfig
from hallctl.device import driver_class
from hallctl.driver import DriverOptions
from hallctl.links.spec import EvdevSpec, SerialSpec, SoundSpec, TcpSpec, UsblpSpec, UsbSpec
from hallctl.simulator.stage import NoTwinError, Stage, StageError, twin_class

PRESSES = {
    "keypad": ({"key": "call", "digits": "012"}, {"key": "call"}),
    "pad": ({"grade": 4},),
    "reader": ({"do": "card"}, {"do": "remove"}),
    "printer": ({"do": "new_roll"}, {"do": "feed"}),
    "strip": (),
    "voice": (),
}
"""What the page sends for each kind of device."""


def device(driver, name="one", link=None, given=None):
    kind = "keypad" if given else driver_class(driver).kind
    windows = () if given else make(driver).windows()
    wired = link or SerialSpec(serial="/dev/serial/by-path/x")
    return DeviceConfig(name, driver, wired, (), given or options(driver), kind, windows)


def staged(tmp_path, *devices):
    (tmp_path / "wires").mkdir(exist_ok=True)
    return Stage(devices, tmp_path, lambda: None)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


@pytest.mark.parametrize("driver", TWINNED)
def test_every_fault_of_every_twin_has_words_on_the_page(tmp_path, driver):
    stage = staged(tmp_path, device(driver))
    faults = stage.state()[0]["faults"]
    assert [fault["name"] for fault in faults][:2] == ["unplug", "stall"]
    for fault in faults:
        assert re.fullmatch(r"[\u4e00-\u9fff]{2,6}", fault["words"]), fault


@pytest.mark.parametrize("driver", TWINNED)
def test_every_fault_can_be_switched_on_and_off_and_is_said(tmp_path, driver):
    async def scene():
        stage = staged(tmp_path, device(driver))
        await stage.start()
        for fault in stage.state()[0]["faults"]:
            await stage.fault("one", fault["name"], on=True)
            assert fault["words"] in stage.state()[0]["words"]
            await stage.fault("one", fault["name"], on=False)
        assert stage.state()[0]["words"] == []
        await stage.close()

    run(scene())


@pytest.mark.parametrize("driver", TWINNED)
def test_every_kind_of_twin_takes_what_the_page_sends(tmp_path, driver):
    async def scene():
        stage = staged(tmp_path, device(driver))
        await stage.start()
        kind, window = driver_class(driver).kind, first_window(make(driver))
        for what in PRESSES[kind]:
            stage.press("one", {"window": window, **what})
        for deed in stage.state()[0]["deeds"]:
            stage.press("one", deed["press"])
        with pytest.raises(StageError):
            stage.press("one", {"window": window, "key": "launch"})
        await stage.close()

    run(scene())


@pytest.mark.parametrize("driver", TWINNED)
def test_a_strip_can_be_seen_and_everything_read_is_plain_json(tmp_path, driver):
    made = device(driver)
    stage = staged(tmp_path, made)
    state = json.loads(json.dumps(stage.state()))[0]
    assert state["driver"] == driver
    if made.kind == "strip":
        for window in made.windows:
            picture = stage.picture("one", f"window-{window}")
            assert picture is not None
            assert picture.startswith(b"\x89PNG")
            assert state["state"]["windows"][str(window)]["text"] == ""


def test_the_links_file_says_where_each_wire_is(tmp_path):
    async def scene():
        net = TcpSpec(tcp="printer.internal:9100")
        stage = staged(tmp_path, device("pad_serial", "pad"), device("escpos", "printer", net))
        await stage.start()
        links = json.loads(stage.links_file.read_text())
        assert re.fullmatch(r"127\.0\.0\.1:\d+", links["printer"]["tcp"])
        line = os.open(links["pad"]["serial"], os.O_RDWR | os.O_NOCTTY)
        stage.press("pad", {"window": 1, "grade": 4})
        heard = select.poll()
        heard.register(line, select.POLLIN)
        assert heard.poll(20_000)
        os.close(line)
        await stage.close()

    run(scene())


@pytest.mark.parametrize(
    "link",
    [
        SerialSpec(serial="/dev/serial/by-path/x"),
        EvdevSpec(evdev="/dev/input/by-path/x-event-kbd"),
        UsblpSpec(usblp="/dev/hall/printer/by-path/x"),
        UsbSpec(usb="1-1.2"),
        SoundSpec(),
    ],
)
def test_whatever_the_link_the_desk_has_a_pty_for_it_and_never_the_real_one(tmp_path, link):
    stage = staged(tmp_path, device("pad_serial", "pad", link))
    assert stage.state()[0]["wire"] == str(tmp_path / "wires" / "pad")


def test_a_driver_without_a_twin_stays_offline_and_stops_nothing(tmp_path):
    async def scene():
        unbuilt = device("unbuilt", "odd", given=DriverOptions())
        stage = staged(tmp_path, unbuilt, device("pad_serial", "pad"))
        await stage.start()
        odd, pad = stage.state()
        assert (odd["words"], odd["faults"], odd["twin"]) == (["没有孪生设备"], [], False)
        assert pad["twin"]
        address = json.loads(stage.links_file.read_text())["odd"]["serial"]
        with pytest.raises(FileNotFoundError):  # never the real wire: the desk opens no hardware
            os.open(address, os.O_RDWR)
        with pytest.raises(StageError, match="没有孪生设备"):
            stage.press("odd", {"key": "call"})
        with pytest.raises(StageError, match="没有孪生设备"):
            await stage.fault("odd", "unplug", on=True)
        assert stage.picture("odd", "window-1") is None
        stage.press("pad", {"window": 1, "grade": 4})
        await stage.close()

    run(scene())


def test_no_twin_is_one_thing_and_a_name_nobody_knows_another(tmp_path):
    with pytest.raises(NoTwinError, match="unbuilt"):
        twin_class("unbuilt")
    stage = staged(tmp_path)
    with pytest.raises(StageError, match="没有叫 nobody 的设备"):
        stage.press("nobody", {})


def test_a_voice_finds_its_clips_and_what_it_says_can_be_heard(tmp_path):
    put(tmp_path / "sounds" / "chime.wav", tone(659, 0.5))
    (tmp_path / "wires").mkdir()
    devices = (device("voice_clips"), device("led_cpower", "strips"))
    stage = Stage(devices, tmp_path, lambda: None, [tmp_path / "none", tmp_path / "sounds"])
    order = {"say": "7", "chime": "full", "sentences": [["mandarin", ["please"]]], "volume": 100}
    stage.props["one"].wire.twin.receive(json.dumps(order).encode() + b"\n", 1.0)
    play = stage.state()[0]["state"]["plays"][0]
    assert play["lasts_s"] == pytest.approx(0.9), "the chime and a little silence"
    assert play["left_out"] == ["mandarin/please: no such clip"]
    with wave.open(io.BytesIO(stage.sound("one", "7"))) as file:
        assert file.readframes(24_000) == tone(659, 0.5).tobytes()
    for device_, play_ in (("one", "8"), ("strips", "7"), ("nobody", "7")):
        assert stage.sound(device_, play_) is None
