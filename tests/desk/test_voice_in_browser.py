"""The hall's voice in headless Chromium: each announcement's real sound, whole and in order."""

import io
import json
import urllib.error
import urllib.request
import wave
from itertools import groupby
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By

from clips_on_disk import put, tone
from desk_page import needs_browser, opened_page

pytestmark = needs_browser

LISTEN = """
const audio = document.getElementById("voice");
window.heard = [];
for (const type of ["playing", "timeupdate", "ended", "error"])
  audio.addEventListener(type, () => window.heard.push({
    type, play: audio.dataset.play, at: audio.currentTime, lasts_s: audio.duration,
    error: audio.error && audio.error.message, volume: audio.volume, muted: audio.muted }),
    { capture: true });
"""
NOW = """
const audio = document.getElementById("voice");
return { play: audio.dataset.play ?? "", at: audio.currentTime, paused: audio.paused,
  error: audio.error && audio.error.code, source: audio.currentSrc };
"""
CLOSE_S = 0.06
"""A browser rounds the length of a sound a little."""
END_S = 0.8
"""It tells where it is four times a second, and may leave out the silence at the end, 0.4 s."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with opened_page(tmp_path_factory.mktemp("v")) as page:
        yield page


@pytest.fixture
def sound(page):
    """The page with its sound on, nothing sounding, and an ear on its audio element."""
    page.until(lambda: not page.device("voice-1")["state"]["sounding"], "silence")
    page.browser.refresh()
    page.until(lambda: page.browser.find_elements(By.CSS_SELECTOR, "body[data-ready]"), "the page")
    for window in page.state()["hall"]["windows"]:
        if window["status"] == "called":
            act(page, "Start", window["number"])
        if window["status"] in ("called", "serving"):
            act(page, "Finish", window["number"])
    if page.one("#sound").get_attribute("aria-pressed") != "true":
        page.click("#sound")
    page.browser.execute_script(LISTEN)
    return page


def plays(page):
    return page.device("voice-1")["state"]["plays"]


def heard(page):
    return page.browser.execute_script("return window.heard")


def now(page):
    return page.browser.execute_script(NOW)


def call(page, window):
    """A ticket is taken and called; gives its label."""
    label = page.issue("A")
    act(page, "CallTicket", window, label=label)
    return label


def act(page, what, window, **more):
    """Something a clerk does."""
    body = {"role": "supervisor", "command": {"type": what, "window": window, **more}}
    asked = urllib.request.Request(f"{page.address}api/ask", json.dumps(body).encode())
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def fetched(page, path, **headers):
    asked = urllib.request.Request(f"{page.address}{path}", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.status, answer.headers, answer.read()


def refused(page, path, **headers):
    """The status of an answer that is none."""
    with pytest.raises(urllib.error.HTTPError) as answer:
        fetched(page, path, **headers)
    answer.value.close()
    return answer.value.code


def test_nothing_sounds_before_a_click_and_the_button_says_so(page):
    assert page.one("#sound").text == "打开声音"
    call(page, 1)
    page.until(lambda: plays(page), "the voice")
    page.until(lambda: plays(page)[-1]["ended_at"], "its end")
    assert now(page) == {"play": "", "at": 0, "paused": True, "error": None, "source": ""}


def test_two_calls_are_played_whole_one_after_the_other_as_the_voice_began_them(sound):
    before = len(plays(sound))
    call(sound, 2)
    call(sound, 3)
    sound.until(lambda: now(sound)["at"] > 0.2, "the sound")
    first = now(sound)["at"]
    sound.until(lambda: now(sound)["at"] > first, "more of it")
    said = sound.until(lambda: p if len(p := plays(sound)[before:]) == 2 else None, "two plays")
    one, two = (play["id"] for play in said)
    sound.until(lambda: [x for x in heard(sound) if (x["type"], x["play"]) == ("ended", two)], two)
    assert [play["failed"] for play in plays(sound)[before:]] == ["", ""]
    told = [x for x in heard(sound) if x["at"] and x["lasts_s"]]
    begun = [x["play"] for x in heard(sound) if x["type"] == "playing"]
    begun = [play for play, _ in groupby(begun)]  # a browser that had to wait says it again
    assert begun == [one, two], "each is begun once"
    assert [x["play"] for x in told] == sorted((x["play"] for x in told), key=begun.index)
    for play in plays(sound)[before:]:
        mine = [x for x in told if x["play"] == play["id"]]
        assert {(x["error"], x["volume"], x["muted"]) for x in mine} == {(None, 1, False)}
        assert mine[0]["lasts_s"] == pytest.approx(play["lasts_s"], abs=CLOSE_S)
        assert mine == sorted(mine, key=lambda x: x["at"]), "it goes on, never back"
        assert mine[-1]["at"] > play["lasts_s"] - END_S, "to its end"


def test_the_sound_is_the_announcement_put_together_by_the_twin(sound):
    call(sound, 4)
    play = sound.until(lambda: next((p for p in plays(sound) if not p["ended_at"]), None), "a play")
    path = f"sound/voice-1/{quote(play['id'])}.wav"
    status, headers, whole = fetched(sound, path)
    assert (status, headers.get_content_type()) == (200, "audio/wav")
    with wave.open(io.BytesIO(whole)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 48_000, 2)
        assert file.getnframes() / 48_000 == pytest.approx(play["lasts_s"], abs=0.001)
        assert any(file.readframes(48_000)), "it is not silent"
    status, headers, part = fetched(sound, path, Range="bytes=44-1043")
    assert (status, part) == (206, whole[44:1044])
    assert headers["Content-Range"] == f"bytes 44-1043/{len(whole)}"
    assert refused(sound, path, Range=f"bytes={len(whole)}-") == 416
    for wrong in (path.replace("voice-1", "strips"), "sound/voice-1/x.wav", "sound/x/1.wav"):
        assert refused(sound, wrong) == 404, wrong


def test_beside_the_voice_stand_its_words_and_what_waits(sound):
    spoken = '[data-row="voice-1"] .spoken'
    sound.fault("voice-1", "hangs", True)  # so the first is being said until that is over
    try:
        labels = [call(sound, window) for window in (5, 1, 2)]
        sound.until(lambda: f"正在播：叫号 {labels[0]}" in sound.one(spoken).text, "the words")
        words = sound.until(lambda: sound.one(f"{spoken} q").text, "the sentence")
        assert words.startswith("普通话")
        assert "号，到五号窗口办理" in words
        waits = f"2 个等着播：叫号 {labels[1]}、叫号 {labels[2]}"
        sound.until(lambda: waits in sound.one(spoken).text, "what waits")
    finally:
        sound.fault("voice-1", "hangs", False)
    sound.until(lambda: "正在播" not in sound.one(spoken).text, "the end")
    assert not sound.browser.find_elements(By.CSS_SELECTOR, f"{spoken} q")


def test_quiet_is_said_beside_the_voice_and_ends(sound):
    sound.hallctl("voice", "quiet", "10")  # as somebody types it
    spoken = '[data-row="voice-1"] .spoken'
    sound.until(lambda: "静音到 9:" in sound.one(spoken).text, "that it is quiet")
    before = len(plays(sound))
    sound.until_log("语音静音")
    call(sound, 3)
    sound.until_log("不播 .*静音时段")
    sound.hallctl("voice", "on")
    sound.until(lambda: "静音" not in sound.one(spoken).text, "the voice")
    assert len(plays(sound)) == before


def test_a_sound_that_is_broken_off_is_silent_here_too(sound):
    chime = sound.hall / "sounds" / "chime.wav"
    usual = chime.read_bytes()
    put(chime, tone(659, 25.0))  # far from its end on the slowest machine
    call(sound, 4)
    sound.until(lambda: not now(sound)["paused"], "the sound")
    chime.write_bytes(usual)
    sound.fault("voice-1", "no_sound", True)
    try:
        sound.until(lambda: now(sound)["paused"], "silence")
        assert "ended" not in [word["type"] for word in heard(sound)]
        said = '[data-row="voice-1"] .said'
        sound.until(lambda: "没有声音" in sound.one(said).text, "the trouble")
    finally:
        sound.fault("voice-1", "no_sound", False)
    sound.until(lambda: plays(sound)[-1]["ended_at"], "the call again, to its end")
    sound.until(lambda: heard(sound)[-1]["type"] == "ended", "the end here")


def test_who_had_the_sound_on_has_it_on_after_the_first_click_anywhere(sound):
    sound.browser.refresh()
    page = sound
    page.until(lambda: page.browser.find_elements(By.CSS_SELECTOR, "body[data-ready]"), "the page")
    page.click("h1")
    page.until(lambda: page.one("#sound").text == "声音：开", "the sound")
    page.click("#sound")
    assert page.one("#sound").text == "打开声音"
    page.browser.refresh()
    page.until(lambda: page.browser.find_elements(By.CSS_SELECTOR, "body[data-ready]"), "the page")
    page.click("h1")
    assert page.one("#sound").text == "打开声音", "who had it off has it off"


def test_nothing_was_left_to_make_when_all_is_recorded(page):
    maker = next(c for c in page.state()["children"] if c["name"] == "sounds")
    assert (maker["status"], maker["starts"], maker["once"]) == ("done", 1, True)
    assert not (page.folder / "sounds").exists() or not [*(page.folder / "sounds").rglob("*.wav")]


def test_nothing_went_wrong_in_the_browser(page):
    severe = [x for x in page.browser.get_log("browser") if x["level"] == "SEVERE"]
    assert severe == []
