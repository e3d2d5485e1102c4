"""念出来: what is read for every page, in which state the button is, and the child that reads."""

import stat
import time

import pytest

from kiosk_bench import Hands, Voice
from running import PATIENT_S
from screens import sample
from screens.kiosk.pages import Home, ItemPage
from screens.kiosk.scenes import scenes
from screens.kiosk.spoken import spoken, view
from screens.kiosk.voice import Espeak

PAGES = [(one.name, one.page) for one in scenes() if "portrait" in one.name]


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_every_page_says_what_stands_on_it(name, page):
    sentences = spoken(page)
    assert sentences
    assert all(words == words.strip() and words for words in sentences)
    title = getattr(page, "title", "") or getattr(page, "ask", "")
    assert sentences[0].replace(" ", "").startswith(title.replace(" ", "")[:4])


def test_the_home_page_is_read_from_top_to_bottom():
    sentences = spoken(Hands().show())
    assert sentences[:4] == (
        "请问您要办什么事？",
        "点一下要办的事，再点“取号”就行。",
        "正在叫号",
        "B 0 2 2 6 号窗口",
    )
    assert sentences[6:9] == (
        "不清楚办什么？直接取号",
        "综合窗口都能办，等 4 人 约 6 到 15 分钟",
        "社会保障 等 5 人 约 32 到 75 分钟",
    )
    assert sentences[-1] == "办不成事？到 8 号窗口反映"


def test_an_item_is_read_with_all_that_must_be_brought():
    hands = Hands()
    assert spoken(hands.touch("tile:permit")) == (
        "居住证办理", "综合 1 到 5 号窗口", "等 4 人 约 6 到 15 分钟", "请带好这几样",
        "本人身份证 原件，交窗口核对", "住址证明 租房合同或房产证，复印件 1 份",
        "一寸照片 近期白底，2 张", "收费：不收费 时限：材料齐当场受理",
        "材料没带齐，也可以先取号来问。", "取号", "优先取号", "老人、孕妇、残疾人等",
        "打印材料清单", "先不取号，回家准备", "以窗口告知为准",
    )  # fmt: skip


def test_a_number_is_read_digit_by_digit_in_both_languages():
    hands = Hands()
    hands.touch("language", "unsure", "take")
    label = hands.story.take("A")
    page = hands.answer(result={"visit": label, "label": label, "queue": "A", "job": ""})
    assert "Your number A 0 2 0" in spoken(page)


def test_the_button_stops_what_it_began():
    voice = Voice()
    hands = Hands(voice=voice)
    words = [helper.words for helper in hands.touch("read").top.helpers]
    assert "不念了" in words
    assert voice.said == [("zh", spoken(Hands().show()))]
    assert "念出来" in [helper.words for helper in hands.touch("read").top.helpers]
    assert voice.now == "silent"


def test_reading_stops_with_the_page_and_not_with_the_clock():
    voice = Voice()
    hands = Hands(voice=voice)
    hands.touch("read")
    hands.clock = "9:43"
    hands.story.call(hands.story.take("F"), 8)
    hands.pass_s(1)
    assert voice.now == "speaking"
    hands.touch("tile:permit")
    assert voice.now == "silent"
    assert not hands.model.reading


def test_no_time_runs_out_while_a_page_is_read():
    voice = Voice()
    hands = Hands(voice=voice)
    hands.touch("tile:permit", "read")
    for _ in range(50):
        assert isinstance(hands.pass_s(10), ItemPage)
    voice.now = "silent"
    hands.pass_s(1)
    assert isinstance(hands.pass_s(80), ItemPage)
    assert hands.pass_s(11).title == "还在用吗？"


def test_a_machine_without_a_voice_says_so_on_the_screen_and_the_page_comes_back():
    hands = Hands()
    assert hands.touch("read").title == "这台机器没有声音"
    assert isinstance(hands.touch("close"), Home)


def test_a_voice_that_turns_out_to_be_dumb_is_told_too():
    voice = Voice()
    hands = Hands(voice=voice)
    hands.touch("read")
    voice.now = "mute"
    assert hands.pass_s(0.3).title == "这台机器没有声音"


def test_each_page_is_a_view_of_its_own():
    hands = Hands()
    seen = [view(hands.show()), view(hands.touch("tile:rental")), view(hands.touch("page:1"))]
    seen += [view(hands.touch("language")), view(hands.touch("item:C04"))]
    assert len(set(seen)) == len(seen)


def program(folder, name, script):
    """A program that stands in for espeak-ng at the other side of the process boundary."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def ended(mouth):
    until_s = time.monotonic() + PATIENT_S
    while (state := mouth.state()) == "speaking":
        assert time.monotonic() < until_s
        time.sleep(0.01)
    return state


def test_the_child_gets_the_sentences_the_language_and_nothing_on_its_command_line(tmp_path):
    heard = tmp_path / "heard"
    mouth = Espeak(program(tmp_path, "speak", f'echo "$@" > {heard}; cat >> {heard}'))
    assert mouth.say(("取号", "$(rm x)"), "zh")
    assert ended(mouth) == "silent"
    assert heard.read_text() == "-v cmn-latn-pinyin -s 140 --stdin\n取号\n\n$(rm x)"
    assert mouth.say(("Get a number",), "en")
    assert ended(mouth) == "silent"
    assert heard.read_text().startswith("-v en ")


def test_the_child_can_be_broken_off_in_the_middle(tmp_path):
    mouth = Espeak(program(tmp_path, "speak", "exec sleep 1000"))
    assert mouth.say(("很长的一页",), "zh")
    assert mouth.state() == "speaking"
    mouth.stop()
    assert mouth.state() == "silent"


@pytest.mark.parametrize("script", ["exit 3", "echo 'error: No such file' >&2; exit 0"])
def test_a_child_that_could_not_be_heard_is_told_once(tmp_path, script):
    mouth = Espeak(program(tmp_path, "speak", script))
    assert mouth.say(("念",), "zh")
    assert ended(mouth) == "mute"
    assert mouth.state() == "silent"


def test_without_the_program_there_is_no_voice():
    assert not Espeak("no-such-program-here").say(("念",), "zh")


def test_a_page_without_a_hall_is_read_too():
    assert spoken(Hands(sample.Story()).show())
