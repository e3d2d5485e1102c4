"""`hallctl voice` before a running hall, whose voice hangs, falls silent and lacks clips."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from hallctl.cli.main import app
from hallctl.cli.seeing import Known, rows
from hallctl.core.hall import DeviceState, Hall
from hallctl.core.rules import Fitting
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin
from hallctl.simulator.wires import TcpWire
from running import RunningDaemon, TwinThread, wait_until
from sample import RULES
from spoken_hall import record

DEVICES = """\
devices:
  voice-1: {driver: voice_clips, link: {sound: default}}
"""


class SpokenHall:
    """A hall with one voice, and the command line before it."""

    def __init__(self, folder):
        self.daemon = RunningDaemon(folder, DEVICES)
        record(self.daemon.hall, 0.03)
        self.sounds = self.daemon.hall / "sounds"
        self.twins = TwinThread()
        self.twins.add("voice-1", TcpWire(VoiceClipsTwin({"sounds": [str(self.sounds)]})))
        self.daemon.rewire(self.twins.links())
        self.daemon.start()
        wait_until(lambda: self.run("voice").exit_code == 0)

    def close(self):
        self.daemon.stop()
        self.twins.close()

    def run(self, *words):
        places = ["--hall", str(self.daemon.hall), "--state", str(self.daemon.state)]
        return CliRunner().invoke(app, [*map(str, words), *places], env={"COLUMNS": "200"})

    def said(self, *words):
        found = self.run(*words)
        assert found.exit_code == 0, found.output
        return found.stdout.strip()

    def told(self, *words):
        """The exit status and what a program reads."""
        found = self.run("voice", *words, "--json")
        return found.exit_code, json.loads(found.stdout)

    def voice(self):
        return self.told()[1]["voices"][0]

    def fault(self, name, on):
        self.twins.fault("voice-1", name, on)

    def call(self, window):
        """A ticket is taken and called; gives what the voice is to say."""
        label = json.loads(self.said("issue", "A", "--json"))["label"]
        self.said("call", window, label)
        return f"叫号 {label} 到 {window} 号窗口"

    def is_still(self):
        voice = self.voice()
        return not voice["saying"] and not voice["waiting"]

    def events(self, name):
        lines = self.run("journal", "export", "--json").stdout.splitlines()
        events = [json.loads(line)["event"] for line in lines]
        return [event for event in events if event["type"] == name]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    hall = SpokenHall(tmp_path_factory.mktemp("v"))
    yield hall
    hall.close()


@pytest.fixture
def hall(spoken):
    """The hall with a voice that works and says nothing, and windows 1 to 3 free."""
    wait_until(spoken.is_still)
    for window in (1, 2, 3):
        spoken.run("window", "start", window)
        spoken.run("window", "finish", window)
    yield spoken
    spoken.fault("hangs", False)
    spoken.fault("no_sound", False)
    spoken.run("voice", "on")


def test_a_voice_that_works_is_said_to_with_its_volume(hall):
    status, told = hall.told()
    assert (status, told["ok"], told["volume"]) == (0, True, 80)
    assert (told["quiet"], told["quiet_until"]) == (False, "")
    words = hall.said("voice")
    for part in ("voice-1", "在线", "音量 80%", "没有在播的"):
        assert part in words
    assert "volume 80%" in hall.said("voice", "--lang", "en")


def test_what_is_said_and_what_waits_are_shown_in_order(hall):
    hall.fault("hangs", True)
    calls = [hall.call(window) for window in (1, 2, 3)]
    found = wait_until(lambda: v if len((v := hall.voice())["waiting"]) == 2 and v["saying"] else 0)
    assert found["saying"].startswith(calls[0])
    assert found["waiting"] == calls[1:]
    words = hall.run("voice").stdout
    assert f"正在播：{calls[0]}" in words
    assert f"2 个等着播：{calls[1]}、{calls[2]}" in words
    hall.fault("hangs", False)
    wait_until(hall.is_still)
    made = [e["window"] for e in hall.events("AnnouncementMade")]
    assert made[-3:] == [1, 2, 3], "each was said, in order"


def test_a_voice_without_a_sound_card_is_said_with_the_remedy_and_what_was_not_heard(hall):
    hall.fault("hangs", True)
    call = hall.call(1)
    wait_until(lambda: hall.voice()["saying"])
    hall.fault("no_sound", True)
    wait_until(lambda: hall.told()[0] == 1)
    status, told = hall.told()
    voice = told["voices"][0]
    assert (status, voice["health"], voice["words"]) == (1, "wrong", "没有声音")
    assert "aplay -l" in voice["mend"]
    assert "audio 组" in voice["mend"]
    assert voice["waiting"] == [f"{call}（第 2 次）"], "it is not lost"
    failure = told["failures"][-1]
    assert (failure["name"], failure["what"], failure["reason"]) == ("voice-1", call, "没有声音")
    assert failure["evidence"] == "no sound device"
    assert f"{failure['time']} voice-1 {call}：没有声音" in hall.run("voice").stdout
    assert "no sound" in hall.run("voice", "--lang", "en").stdout
    assert hall.run("devices").exit_code == 1
    hall.fault("hangs", False)
    hall.fault("no_sound", False)
    wait_until(lambda: hall.is_still() and hall.told()[0] == 0)
    assert hall.events("AnnouncementMade")[-1]["window"] == 1


def test_missing_clips_are_said_with_what_makes_them(hall):
    clip = hall.sounds / "cantonese" / "letter-a.wav"
    kept = clip.read_bytes()
    clip.unlink()
    try:
        hall.call(2)
        wait_until(lambda: hall.told()[0] == 1)
    finally:
        clip.write_bytes(kept)
    voice = hall.voice()
    assert "缺声音片段" in voice["words"]
    assert "hallctl sounds build" in voice["mend"]
    assert "cantonese/letter-a" in voice["evidence"]
    wait_until(hall.is_still)
    assert "hallctl sounds build" in hall.run("devices").stdout
    hall.call(3)
    wait_until(lambda: hall.told()[0] == 0)


def test_quiet_lasts_so_long_and_is_ended_before(hall):
    assert hall.said("voice", "quiet", "45") == "语音静音 45 分钟，叫号只上屏幕"
    told = wait_until(lambda: t if (t := hall.told()[1])["quiet"] else None)
    assert told["quiet_until"].startswith("10:")
    assert f"静音到 {told['quiet_until']}" in hall.said("voice")
    hall.call(1)
    wait_until(lambda: hall.events("AnnouncementSkipped"))
    assert hall.events("AnnouncementSkipped")[-1]["reason"] == "quiet"
    assert hall.said("voice", "on") == "语音恢复"
    wait_until(lambda: not hall.told()[1]["quiet"])
    hall.call(2)
    wait_until(lambda: [e["window"] for e in hall.events("AnnouncementMade")][-1:] == [2])


def test_quiet_for_too_long_or_no_time_at_all_is_refused(hall):
    refused = hall.run("voice", "quiet", "300", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["code"]) == (1, "quiet_minutes")
    assert "240" in hall.run("voice", "quiet", "300").stderr
    for wrong in ("0", "-5", "soon"):
        assert hall.run("voice", "quiet", "--", wrong).exit_code == 2, wrong


def test_without_a_daemon_it_says_how_to_start_one(tmp_path):
    found = CliRunner().invoke(app, ["voice", "--state", str(tmp_path)], env={"COLUMNS": "200"})
    assert (found.exit_code, "hallctl run" in found.stderr) == (69, True)


@pytest.mark.parametrize(("lang", "words"), [("zh", "播放程序没有反应"), ("en", "did not answer")])
def test_a_voice_that_hung_is_said_so_and_others_keep_their_remedy(lang, words):
    shut = {"is_open": False, "for_s": 3.0, "tries": 1, "retry_in_s": 1.0, "held": 0, "unsent": 0,
            "bytes_in": 0, "bytes_out": 0, "last_in": "", "last_out": "", "remedy": ""}  # fmt: skip
    fittings = (Fitting("voice-1", "voice"), Fitting("voice-2", "voice"))
    hall = Hall(rules=replace(RULES, fittings=fittings))
    evidence = {"voice-1": "player: no answer for 12 s", "voice-2": "player: ended with code 1"}
    for name in evidence:
        hall.devices[name] = DeviceState(name, "down")
    wires = {name: {**shut, "evidence": word} for name, word in evidence.items()}
    hung, ended = rows(Known(hall, wires, {}, {}, 1_795_397_400.0), lang)
    assert words in hung.mend
    assert words not in ended.mend
