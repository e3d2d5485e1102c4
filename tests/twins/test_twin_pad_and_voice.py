"""The twins of the serial rating pad and of the player process."""

import io
import json
import wave
from importlib import import_module

import pytest

from hallctl.simulator.twins.base import Twin
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin


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


# - the voice

CLIP_S = 0.3
GAPS_S = 0.25 + 0.06 + 0.4  # behind the chime, between the two clips, at the end
LASTS_S = 3 * CLIP_S + GAPS_S
SENTENCE = ["mandarin", ["a", "b"]]


def order(name, *sentences, chime="full", volume=100):
    asked = {"say": name, "chime": chime, "sentences": list(sentences), "volume": volume}
    return json.dumps(asked).encode() + b"\n"


def line(**words):
    return json.dumps(words).encode() + b"\n"


def answers(said):
    return [json.loads(words) for words in said.splitlines()]


def names(said):
    return [next(iter(answer.items())) for answer in answers(said)]


def put(path, samples, rate=48_000):
    path.parent.mkdir(exist_ok=True, parents=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)


def heard(twin, name):
    """The samples of what a person would hear."""
    with wave.open(io.BytesIO(twin.sounds[name])) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        return file.readframes(file.getnframes())


def test_an_announcement_starts_at_once_and_ends_when_it_has_sounded():
    twin = VoiceClipsTwin({})
    started = answers(twin.receive(order("7", SENTENCE), 10.0))
    assert started == [{"started": "7", "lasts_s": pytest.approx(LASTS_S)}]
    assert twin.wake(10.0 + LASTS_S - 0.01) == b""
    (ended,) = answers(twin.wake(10.0 + LASTS_S + 0.01))
    assert ended == {
        "ended": "7", "took_s": pytest.approx(LASTS_S), "languages": ["mandarin"], "left_out": [],
    }  # fmt: skip
    play = twin.state()["plays"][0]
    assert (play["id"], play["sentences"], play["languages"]) == ("7", [SENTENCE], ["mandarin"])
    assert (play["asked_at"], play["started_at"]) == (10.0, 10.0)
    assert play["ended_at"] == pytest.approx(10.0 + LASTS_S, abs=0.02)


def test_announcements_wait_for_one_another():
    twin = VoiceClipsTwin({})
    twin.receive(order("1"), 0.0)
    assert twin.receive(order("2"), 0.1) == b""
    assert names(twin.wake(0.75)) == [("ended", "1"), ("started", "2")]
    assert names(twin.wake(1.5)) == [("ended", "2")]


def test_stop_breaks_off_what_sounds_and_the_next_begins():
    twin = VoiceClipsTwin({})
    twin.receive(order("1", SENTENCE), 0.0)
    said = twin.receive(line(stop="1") + line(stop="nobody") + order("2"), 0.5)
    assert names(said) == [("failed", "1"), ("started", "2")]
    assert answers(said)[0]["reason"] == "cut"
    assert twin.state()["plays"][0]["failed"] == "cut"


def test_what_would_be_heard_is_put_together_from_the_first_folder_that_has_it(tmp_path):
    own, made = tmp_path / "own", tmp_path / "made"
    put(made / "chime.wav", b"\x01\x00" * 4800)
    put(made / "mandarin" / "a.wav", b"\x02\x00" * 4800)
    put(made / "mandarin" / "b.wav", b"\x03\x00" * 4800)
    put(own / "mandarin" / "b.wav", b"\x04\x00" * 9600)
    twin = VoiceClipsTwin({"sounds": [str(own), str(made)]})
    twin.receive(order("1", ["mandarin", ["a", "pause:100", "b"]]), 0.0)
    silence = bytes(2 * 48)  # a millisecond
    assert heard(twin, "1") == (
        b"\x01\x00" * 4800 + silence * 250 + b"\x02\x00" * 4800 + silence * 100
        + b"\x04\x00" * 9600 + silence * 400
    )  # fmt: skip


def test_half_the_volume_is_ten_decibels_less(tmp_path):
    put(tmp_path / "chime.wav", b"\x10\x27" * 4800)  # 10,000
    twin = VoiceClipsTwin({"sounds": str(tmp_path)})
    twin.receive(order("1", volume=50), 0.0)
    loud = int.from_bytes(heard(twin, "1")[:2], "little")
    assert loud == pytest.approx(10_000 * 10 ** (-10 / 20), rel=0.01)


def test_a_sentence_with_a_hole_is_left_out_and_named_and_the_chime_sounds(tmp_path):
    put(tmp_path / "chime.wav", b"\x01\x00" * 4800)
    put(tmp_path / "mandarin" / "a.wav", b"\x02\x00" * 4800)
    put(tmp_path / "english" / "a.wav", b"\x02\x00" * 4800, rate=8000)
    (tmp_path / "mandarin" / "b.wav").write_bytes(b"no sound")
    twin = VoiceClipsTwin({"sounds": [str(tmp_path)]})
    sentences = [["mandarin", ["a"]], ["mandarin", ["a", "b"]], ["english", ["a"]], ["x", ["../a"]]]
    twin.receive(order("1", *sentences), 0.0)
    (ended,) = answers(twin.wake(5.0))
    assert ended["languages"] == ["mandarin"]
    assert [words.partition(":")[0] for words in ended["left_out"]] == [
        "mandarin/b", "english/a", "x/../a",
    ]  # fmt: skip


def test_where_nothing_can_sound_it_says_so(tmp_path):
    twin = VoiceClipsTwin({"sounds": [str(tmp_path)]})
    (failed,) = answers(twin.receive(order("1", SENTENCE), 0.0))
    assert (failed["failed"], failed["reason"]) == ("1", "clips")


def test_the_last_twenty_announcements_can_be_heard():
    twin = VoiceClipsTwin({})
    for number in range(30):
        twin.receive(order(str(number)), 0.0)
    assert list(twin.sounds) == [str(number) for number in range(10, 30)]


def test_without_a_sound_card_it_fails_and_a_card_that_is_back_is_used():
    twin = VoiceClipsTwin({})
    twin.receive(order("6"), 0.0)
    twin.fault("no_sound", True)
    assert names(twin.wake(0.1)) == [("failed", ""), ("failed", "6")]
    assert names(twin.receive(order("7") + line(look="8"), 0.2)) == [
        ("failed", "7"), ("failed", "8"),
    ]  # fmt: skip
    twin.fault("no_sound", False)
    assert names(twin.receive(order("9"), 0.3)) == [("ready", True), ("started", "9")]


def test_a_card_that_is_back_is_found_within_ten_seconds():
    twin = VoiceClipsTwin({})
    twin.fault("no_sound", True)
    assert names(twin.opened(0.0)) == [("failed", "")]
    twin.fault("no_sound", False)
    assert twin.wake(9.9) == b""
    assert names(twin.wake(10.0)) == [("ready", True)]
    assert names(twin.receive(line(look="1"), 11.0)) == [("ended", "1")]


def test_a_player_that_hangs_never_ends_until_another_one_is_started():
    twin = VoiceClipsTwin({})
    twin.fault("hangs", True)
    assert names(twin.receive(order("1"), 0.0)) == [("started", "1")]
    assert twin.wake(1000.0) == b""
    assert names(twin.opened(1001.0)) == [("ready", True)]
    twin.fault("hangs", False)
    assert twin.wake(2000.0) == b""
    assert twin.state()["plays"][0]["failed"] == "killed"


def test_a_line_that_is_no_order_is_recorded_and_answered():
    twin = VoiceClipsTwin({})
    nonsense = [b"what?", b"[1]", b"{}", b'{"say": "1"}', b"3", b'{"say": "1", "volume": null}']
    said = answers(twin.receive(b"".join(words + b"\n" for words in nonsense), 0.0))
    assert [(x["failed"], x["reason"]) for x in said] == [("", "order")] * len(nonsense)
    assert twin.state()["unknown"] == [words.decode() for words in nonsense]
    twin.receive(b"x" * 70_000, 0.0)
    assert len(twin.state()["unknown"]) == len(nonsense) + 1


def test_a_player_that_starts_says_whether_it_can_be_heard():
    twin = VoiceClipsTwin({})
    assert answers(twin.opened(0.0)) == [{"ready": True}]
    twin.fault("no_sound", True)
    (failed,) = answers(twin.opened(0.0))
    assert (failed["failed"], failed["reason"]) == ("", "no_sound")


def test_every_driver_name_has_one_twin_and_its_state_is_json():
    for driver in ("escpos", "keypad_rs485", "led_cpower", "pad_serial", "voice_clips"):
        module = import_module(f"hallctl.simulator.twins.{driver}")
        found = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Twin)]
        (twin,) = [c for c in found if c is not Twin]
        json.dumps(twin({}).state())


def test_a_device_without_keys_cannot_be_pressed():
    with pytest.raises(ValueError, match="nothing to press"):
        Twin({}).press({"grade": 1}, 0.0)
