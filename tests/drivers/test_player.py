"""The player: a real card (ALSA, its sound read by the test in good time), a bad one, and none."""

import fcntl
import json
import os
import select
import signal
import threading
import time
from array import array

import pytest

from clips_on_disk import CALL, RATE, clips, put, tone
from hallctl.links.sound import SoundLink
from hallctl.voice.assembling import assemble
from hallctl.voice.clips import Library
from hallctl.voice.player import Player
from hallctl.voice.soundcard import CardError
from running import PATIENT_S, wait_until

FILED = (
    'pcm.!default {{ type file slave.pcm {{ type null }} file "{pipe}" format raw }}\n'
    "ctl.!default {{ type null }}\n"
)
BOTH = [["mandarin", list(CALL)], ["cantonese", list(CALL)]]


class Speaker:
    """A sound card for ALSA's default device. It takes samples at their rate while `taking`.

    One in `haste` takes them so many times as fast.
    """

    def __init__(self, folder, conf, haste=1):
        self.taking, self._haste = True, haste
        self.conf, self._pipe = conf, folder / "loudspeaker"
        os.mkfifo(self._pipe)
        self._fd = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, haste * 4096)  # as little as a card holds: 43 ms
        self._thread = threading.Thread(target=self._sound, daemon=True)
        self._closing = False
        self._thread.start()
        self.plug()

    def plug(self):
        self.conf.write_text(FILED.format(pipe=self._pipe))

    def pull(self):
        self.conf.write_text("")

    def _sound(self):
        begun, taken = time.monotonic(), 0
        while not self._closing:
            time.sleep(0.005)
            due = int((time.monotonic() - begun) * RATE * self._haste) * 2
            if self.taking and due > taken:
                try:
                    taken += len(os.read(self._fd, due - taken))
                except BlockingIOError:
                    taken = due  # nobody plays: the time goes by all the same
            else:
                taken = due

    def pull_out(self):
        """Take it away, whatever it plays."""
        self.conf.write_text("")
        self.close()

    def close(self):
        if not self._closing:
            self._closing = True
            self._thread.join()
            os.close(self._fd)


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """ALSA's configuration, and nothing else there to open."""
    conf = tmp_path / "asoundrc"
    conf.write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(conf))
    monkeypatch.setenv("SDL_AUDIODRIVER", "alsa")
    return conf


@pytest.fixture
def card(tmp_path, conf):
    speaker = Speaker(tmp_path, conf)
    yield speaker
    speaker.close()


@pytest.fixture
def folder(tmp_path):
    return clips(tmp_path / "sounds", lasts_s=0.05)


class Talk:
    def __init__(self, link):
        self.link, self.fd, self.buffer = link, link.open(), b""
        self.process = link._player

    def order(self, **order):
        self.send(json.dumps(order).encode() + b"\n")

    def say(self, name, sentences=(), chime="short", volume=100):
        self.order(say=name, chime=chime, sentences=list(sentences), volume=volume)

    def send(self, payload):
        assert self.link.write(payload) == len(payload)

    def answers(self, count):
        until = time.monotonic() + PATIENT_S
        while self.buffer.count(b"\n") < count:
            assert time.monotonic() < until, self.buffer
            if select.select([self.fd], [], [], 1)[0]:
                self.buffer += self.link.read()
        lines = self.buffer.split(b"\n")
        self.buffer = b"\n".join(lines[count:])
        return [json.loads(line) for line in lines[:count]]

    def answer(self):
        return self.answers(1)[0]


@pytest.fixture
def talk(folder):
    links = []

    def begin(*folders, device="default"):
        links.append(SoundLink(device, folders or [folder]))
        return Talk(links[-1])

    yield begin
    for link in links:
        link.close()


@pytest.mark.usefixtures("card")
def test_announcements_sound_one_after_the_other_in_the_order_asked(talk):
    player = talk()
    assert player.answer() == {"ready": True}
    player.say("1", BOTH[:1])
    player.say("2")
    told = player.answers(4)
    assert [(*x,)[0] + ":" + next(iter(x.values())) for x in told] == [
        "started:1", "ended:1", "started:2", "ended:2",
    ]  # fmt: skip
    assert (told[1]["languages"], told[1]["left_out"]) == (["mandarin"], [])
    assert told[0]["lasts_s"] <= told[1]["took_s"] + 0.2


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("how", ["missing", "corrupt", "wrong rate"])
def test_with_a_bad_clip_the_other_language_and_the_chime_sound(talk, folder, how):
    path = folder / "cantonese" / "window.wav"
    if how == "missing":
        path.unlink()
    elif how == "corrupt":
        path.write_bytes(os.urandom(500))
    else:
        put(path, tone(400, 0.1, 16_000), rate=16_000)
    player = talk()
    player.say("1", BOTH)
    _, started, ended = player.answers(3)
    assert started["started"] == "1"
    assert ended["languages"] == ["mandarin"]
    (named,) = ended["left_out"]
    assert named.startswith("cantonese/window: ")


@pytest.mark.usefixtures("card")
def test_a_recording_of_a_local_speaker_is_preferred_and_found_at_once(talk, folder, tmp_path):
    player = talk(tmp_path / "own", folder)
    player.say("1")
    usual = player.answers(3)[1]["lasts_s"]
    put(tmp_path / "own" / "chime-short.wav", tone(500, 0.3))
    player.say("2")
    assert player.answers(2)[0]["lasts_s"] == pytest.approx(usual + 0.2)


@pytest.mark.usefixtures("card")
def test_without_any_sound_it_says_so_and_the_card_is_not_blamed(talk, tmp_path):
    player = talk(tmp_path / "empty")
    player.say("1")
    player.order(look="2")
    _, failed, there = player.answers(3)
    assert (failed["failed"], failed["reason"]) == ("1", "clips")
    assert "chime-short" in failed["why"]
    assert there["ended"] == "2"


@pytest.mark.usefixtures("card")
def test_stop_is_heard_while_it_plays_and_the_urgent_one_begins(talk, folder):
    put(folder / "mandarin" / "serve.wav", tone(500, 25.0))
    player = talk()
    player.say("1", BOTH[:1])
    player.answers(2)
    player.order(look="is it there")
    player.order(stop="1")
    player.say("2")
    there, cut, started, ended = player.answers(4)
    assert there["ended"] == "is it there"
    assert (cut["failed"], cut["reason"]) == ("1", "cut")
    assert (started["started"], ended["ended"]) == ("2", "2")


@pytest.mark.usefixtures("card")
def test_what_is_no_order_is_answered_and_the_next_one_is_heard(talk):
    player = talk()
    player.answer()
    nonsense = [
        b"nonsense", b"[1]", b"\xff\xfe\x00", b"{}", b'{"say": 3}', b'{"say": ""}', b'{"stop": []}',
        b'{"look": {"a": 1}}', b"[" * 50_000, b'{"say": "' + b"9" * 5000 + b'"}',
    ]  # fmt: skip
    for line in nonsense:
        player.send(line + b"\n")
        told = player.answer()
        assert (told["failed"], told["reason"]) == ("", "order"), line
    wrong = [
        {"chime": "loud"}, {"volume": "80"}, {"volume": 101}, {"volume": True}, {"volume": -1},
        {"sentences": "x"}, {"sentences": [["mandarin"]]}, {"sentences": [["mandarin", [1]]]},
        {"sentences": [[3, ["a"]]]}, {"sentences": [["mandarin", ["a"] * 1000]]},
        {"sentences": None}, {"chime": []},
    ]  # fmt: skip
    for at, words in enumerate(wrong):
        player.order(**{"say": f"w{at}", "chime": "full", "sentences": [], "volume": 50, **words})
        told = player.answer()
        assert (told["failed"], told["reason"]) == (f"w{at}", "order"), words
    player.order(stop="nobody")
    player.say("1")
    assert player.answer()["started"] == "1"


@pytest.mark.usefixtures("card")
def test_a_line_without_an_end_is_thrown_away_once(talk):
    player = talk()
    player.answer()
    left = b"x" * 200_000
    while left:
        left = left[player.link.write(left) :]
    assert player.answer()["reason"] == "order"
    player.send(b'{"look": "in the line that is thrown away"}\n')
    player.order(look="1")
    assert player.answer()["ended"] == "1"


# - a card that is not well


def test_without_a_sound_card_nothing_is_called_heard(talk, conf):
    player = talk()
    player.say("1")
    first, second = player.answers(2)
    assert (first["failed"], first["reason"]) == ("", "no_sound")
    assert (second["failed"], second["reason"]) == ("1", "no_sound")
    assert "ALSA" in second["why"]


def test_a_sound_card_that_comes_back_is_used_with_the_next_order(talk, conf, card):
    card.pull()
    player = talk()
    assert player.answer()["failed"] == ""
    card.plug()
    player.say("1")
    assert [next(iter(x)) for x in player.answers(3)] == ["ready", "started", "ended"]


def test_a_sound_card_that_comes_back_is_found_without_any_order(talk, conf, card):
    card.pull()
    player = talk()
    assert player.answer()["failed"] == ""
    card.plug()
    assert player.answer() == {"ready": True}


def test_a_card_that_stops_taking_sound_is_said_and_the_player_ends(talk, card):
    player = talk()
    player.answer()
    card.taking = False
    put(player.link._folders[0] / "chime-short.wav", tone(500, 2.0))  # more than the pipe holds
    player.say("1")
    started, failed, stuck = player.answers(3)
    assert started["started"] == "1"
    assert (failed["failed"], failed["reason"]) == ("1", "no_sound")
    assert "stopped taking" in failed["why"]
    assert stuck["failed"] == ""
    assert wait_until(lambda: player.process.poll() is not None)
    assert player.process.returncode == 3


def test_a_card_pulled_out_in_the_middle_was_not_heard(talk, folder, card):
    put(folder / "chime.wav", tone(500, 25.0))
    player = talk()
    player.say("1", chime="full")
    player.answers(2)
    card.pull_out()
    told = player.answer()
    assert (told["failed"], told["reason"]) == ("1", "no_sound")
    assert "pulled out" in told["why"]


def test_a_card_pulled_out_while_nothing_sounds_is_said(talk, card):
    player = talk()
    assert player.answer() == {"ready": True}
    card.pull_out()
    told = player.answer()
    assert (told["failed"], told["reason"]) == ("", "no_sound")


def test_a_card_that_is_ahead_of_the_time_is_no_loudspeaker(talk, folder, tmp_path, conf):
    put(folder / "chime.wav", tone(500, 25.0))  # far from its end on the slowest machine
    hasty = Speaker(tmp_path, conf, haste=16)
    player = talk()
    player.say("1", chime="full")
    told = player.answers(3)
    hasty.close()
    assert "no real sound card" in told[-1]["why"]
    assert (told[-1]["failed"], told[-1]["reason"]) == ("1", "no_sound")


@pytest.mark.parametrize("driver", ["dummy", "disk"])
def test_sdls_drivers_that_nobody_hears_are_refused(talk, monkeypatch, driver):
    monkeypatch.setenv("SDL_AUDIODRIVER", driver)
    player = talk()
    assert "nobody can hear" in player.answer()["why"]


@pytest.mark.usefixtures("card")
def test_a_player_killed_in_the_middle_is_replaced_by_one_that_plays(talk, folder):
    put(folder / "chime.wav", tone(500, 25.0))
    player = talk()
    player.say("1", chime="full")
    player.answers(2)
    player.process.send_signal(signal.SIGKILL)
    wait_until(lambda: player.process.poll() is not None)
    second = Talk(player.link)
    second.say("2")
    assert [next(iter(x)) for x in second.answers(3)] == ["ready", "started", "ended"]


@pytest.mark.usefixtures("card")
def test_the_player_leaves_when_its_input_ends_and_plays_nothing_more(talk, folder):
    put(folder / "chime.wav", tone(500, 25.0))
    player = talk()
    player.say("1", chime="full")
    player.answers(2)
    player.process.stdin.close()
    assert player.process.wait(PATIENT_S) == 0


# - what is heard, sample by sample


def test_what_is_played_is_the_assembled_sound_sample_by_sample(talk, folder, tmp_path):
    heard = tmp_path / "heard.raw"
    player = talk(device=f"capture:{heard}")
    player.say("1", BOTH, chime="full", volume=80)
    ready, started, ended = player.answers(3)
    assert ready == {"ready": True}
    sound = assemble(Library([folder]), "full", [(a, tuple(b)) for a, b in BOTH], 80)
    assert started["lasts_s"] == pytest.approx(sound.lasts_s, abs=0.001)
    assert ended["languages"] == ["mandarin", "cantonese"]
    size = heard.stat().st_size
    wait_until(lambda: heard.stat().st_size > size + 16_384)  # silence pushes the last of it out
    raw = heard.read_bytes()
    at = raw.find(sound.pcm.rstrip(b"\x00"))
    assert at >= 0, "not as it was put together"
    assert at % 2 == 0
    beginning = array("h", sound.pcm).index(next(x for x in array("h", sound.pcm) if x)) * 2
    assert not any(raw[: at + beginning]), "silence before"
    assert not any(raw[at + len(sound.pcm) :]), "silence behind"
    assert raw[at : at + len(sound.pcm)] == sound.pcm


# - a card that fails for long, in a time of its own


class BadCard:
    """Fails to open so many times, then works; a sound ends as soon as somebody looks."""

    def __init__(self, fails):
        self.fails, self.opened, self.played, self.now, self._ends = fails, 0, 0, 0.0, 0.0

    def open(self):
        self.now += 10.0
        self.opened += 1
        if self.opened <= self.fails:
            raise CardError(f"no card ({self.opened})")

    def close(self):
        self._ends = 0.0

    def play(self, pcm):
        self.played += 1
        self._ends = self.now + len(pcm) / 2 / RATE

    def playing(self):
        self.now += 0.5
        return self.now < self._ends

    def stop(self):
        self._ends = 0.0


@pytest.fixture
def inside(folder):
    """A player in a thread of this process, on pipes; gives its card, orders and answers."""
    ends = []

    def begin(card):
        (orders, order), (answer, answers) = os.pipe(), os.pipe()
        player = Player(
            Library([folder]), card, orders, answers, retry_s=0.002, clock=lambda: card.now,
            stuck_s=1e9,
        )  # fmt: skip
        thread = threading.Thread(target=player.run)
        thread.start()
        ends.append((thread, orders, order, answer, answers))
        return os.fdopen(os.dup(order), "w"), os.fdopen(os.dup(answer)), thread

    yield begin
    for thread, *pipes in ends:
        os.close(pipes[1])
        thread.join(PATIENT_S)
        assert not thread.is_alive()
        for fd in (pipes[0], *pipes[2:]):
            os.close(fd)


def test_an_hour_without_a_card_is_said_once_and_its_return_too(inside):
    card = BadCard(360)  # ten seconds each
    orders, answers, _ = inside(card)
    with orders, answers:
        assert json.loads(answers.readline()) == {
            "failed": "", "reason": "no_sound", "why": "no card (1)",
        }  # fmt: skip
        assert json.loads(answers.readline()) == {"ready": True}
        orders.write('{"say": "1", "chime": "short", "sentences": [], "volume": 80}\n')
        orders.flush()
        assert json.loads(answers.readline())["started"] == "1"
        assert json.loads(answers.readline())["ended"] == "1"
    assert card.now >= 3600
    assert card.played == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_thread_that_plays_ends_the_player(inside):
    card = BadCard(0)
    card.play = None
    orders, answers, thread = inside(card)
    with orders, answers:
        orders.write('{"say": "1", "chime": "short", "sentences": [], "volume": 80}\n')
        orders.flush()
        thread.join(PATIENT_S)
        assert not thread.is_alive(), "mute for good"
