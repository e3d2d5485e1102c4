"""The twins of the serial rating pad and of the player process."""

import json
import wave
from importlib import import_module

import pytest

from hallctl.simulator.twins.base import Twin
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from hallctl.simulator.twins.voice_chime import VoiceChimeTwin


def test_the_pad_asks_thanks_and_rests():
    twin = PadSerialTwin({"window": 3})
    assert twin.receive("ASK 综合 A0".encode("gb18030"), 0.0) == b""
    assert not twin.state()["asking"]
    twin.receive(b"12\r\n", 0.0)
    assert twin.state()["asking"]
    assert twin.state()["label"] == "综合 A012"
    twin.receive(b"THANKS\r\n", 0.0)
    assert (twin.state()["asking"], twin.state()["thanks"]) == (False, True)
    assert twin.wake(4.0) == b""
    assert twin.state()["thanks"]
    twin.wake(5.0)
    assert not twin.state()["thanks"]
    twin.receive(b"IDLE\n", 5.0)
    assert (twin.state()["asking"], twin.state()["thanks"], twin.state()["label"]) == (
        False, False, "",
    )  # fmt: skip
    assert twin.state()["lines"] == ["ASK 综合 A012", "THANKS", "IDLE"]


def test_a_grade_is_a_line():
    twin = PadSerialTwin({"window": 3})
    assert twin.press({"grade": 5}, 0.0) == b"R5\r\n"
    with pytest.raises(ValueError, match="keys 1 to 5"):
        twin.press({"grade": 6}, 0.0)
    twin.fault("noise", True)
    assert twin.press({"grade": 1}, 0.0).endswith(b"R1\r\n")


def test_lines_the_pad_does_not_know_are_recorded():
    twin = PadSerialTwin({})
    twin.receive(b"HELLO\r\n" + b"x" * 300, 0.0)
    assert twin.state()["unknown"] == ["HELLO", "78 " * 299 + "78"]


def order(name, *sounds):
    return json.dumps({"play": list(sounds), "id": name}).encode() + b"\n"


def answers(said):
    return [json.loads(line) for line in said.splitlines()]


def test_a_sound_starts_at_once_and_ends_when_it_has_sounded():
    twin = VoiceChimeTwin({})
    assert answers(twin.receive(order("7", "chime", "a"), 10.0)) == [{"started": "7"}]
    assert twin.wake(11.1) == b""
    assert answers(twin.wake(11.25)) == [{"ended": "7"}]
    play = twin.state()["plays"][0]
    assert (play["sounds"], play["started_at"], play["ended_at"]) == (["chime", "a"], 10.0, 11.25)


def test_sounds_wait_for_one_another():
    twin = VoiceChimeTwin({})
    twin.receive(order("1", "a"), 0.0)
    assert twin.receive(order("2", "a"), 0.1) == b""
    assert answers(twin.wake(0.65)) == [{"ended": "1"}, {"started": "2"}]
    assert answers(twin.wake(1.3)) == [{"ended": "2"}]


def test_a_wav_lasts_as_long_as_it_does(tmp_path):
    with wave.open(str(tmp_path / "ding.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x00" * 2000)
    twin = VoiceChimeTwin({"sounds_dir": str(tmp_path)})
    twin.receive(order("1", "ding", "ding.wav", "none"), 0.0)
    assert twin.state()["plays"][0]["lasts_s"] == pytest.approx(1.1)


def test_without_a_sound_device_it_fails():
    twin = VoiceChimeTwin({})
    twin.fault("no_sound", True)
    failed = {"failed": "7", "why": "no sound device"}
    assert answers(twin.receive(order("7", "a"), 0.0)) == [failed]
    twin.fault("no_sound", False)
    assert answers(twin.receive(order("8", "a"), 0.0)) == [{"started": "8"}]


def test_a_line_that_is_no_order_is_recorded():
    twin = VoiceChimeTwin({})
    assert twin.receive(b"what?\n[1]\n{}\n", 0.0) == b""
    assert twin.state()["unknown"] == ["what?", "[1]", "{}"]


def test_a_player_that_starts_says_whether_it_can_be_heard():
    twin = VoiceChimeTwin({})
    assert answers(twin.opened(0.0)) == [{"ready": True}]
    twin.fault("no_sound", True)
    assert answers(twin.opened(0.0)) == [{"failed": "", "why": "no sound device"}]


def test_every_driver_name_has_one_twin_and_its_state_is_json():
    for driver in ("escpos", "keypad_rs485", "led_cpower", "pad_serial", "voice_chime"):
        module = import_module(f"hallctl.simulator.twins.{driver}")
        found = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Twin)]
        (twin,) = [c for c in found if c is not Twin]
        json.dumps(twin({}).state())


def test_a_device_without_keys_cannot_be_pressed():
    with pytest.raises(ValueError, match="nothing to press"):
        Twin({}).press({"grade": 1}, 0.0)
