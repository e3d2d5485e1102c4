"""The technician's menu behind the seal: a PIN, then what can be done at the kiosk itself."""

import pytest

from hallctl.core import events as e
from hallctl.core.commands import LoadPaper, PrintTests, TestDevice
from hallctl.texts import say
from kiosk_bench import Hands
from screens import sample
from screens.kiosk.pages import Home, MenuPage, PinPage
from screens.kiosk.screen import RESTART, KioskScreen
from screens.kit.touch import Touch

SHUT = {t: say(t, "refused.not_allowed", command="PrintTests") for t in ("zh", "en")}
UNKNOWN = {t: say(t, "refused.unknown_test") for t in ("zh", "en")}


def hold(hands, seconds):
    """A finger on the seal for so long; answers what that meant."""
    touch = Touch(hands.drawn().targets)
    box = next(t.box for t in touch.targets if t.id == "seal")
    touch.down("finger", box.cx, box.cy, 100.0)
    held = touch.held(100.0 + seconds)
    return held or touch.up("finger", box.cx, box.cy)


def opened(story=None, *, landscape=False):
    hands = Hands(story, landscape=landscape)
    hands.touch("seal", *(f"key:{digit}" for digit in "270451"), "key:enter")
    hands.answer(ok=False, words=UNKNOWN)
    return hands


def test_the_seal_opens_nothing_unless_it_is_held_for_5_s():
    hands = Hands()
    assert hold(hands, 4.9) == ""
    assert hold(hands, 5.0) == "seal"
    assert isinstance(hands.touch("seal"), PinPage)


def test_the_page_knows_how_many_digits_were_typed_and_never_which():
    hands = Hands()
    page = hands.touch("seal", "key:2", "key:7")
    assert page.digits == 2
    assert "27" not in repr(page)
    assert "27" not in repr(hands.model.menu)
    assert hands.touch("key:clear").digits == 0


def test_the_daemon_alone_knows_the_pin():
    hands = opened()
    assert hands.asked == [PrintTests(tests=())]
    assert hands.pins == ["270451"]
    assert isinstance(hands.show(), MenuPage)


def test_a_wrong_pin_or_none_at_all_opens_nothing_and_says_both():
    hands = Hands()
    hands.touch("seal", "key:1", "key:enter")
    page = hands.answer(ok=False, words=SHUT)
    assert isinstance(page, PinPage)
    assert page.digits == 0
    assert "没有设置维修密码" in page.words


def test_a_kiosk_that_cannot_ask_with_a_pin_has_no_menu():
    story = sample.morning()
    screen = KioskScreen("kiosk-1", lambda _: "c1", landscape=False)
    screen.touched("seal", sample.sight_of(story))
    assert isinstance(screen.show(sample.sight_of(story)), Home)


def test_a_daemon_that_does_not_answer_leaves_the_pad():
    hands = Hands()
    hands.touch("seal", "key:1", "key:enter")
    assert hands.show().words == "正在核对"
    page = hands.pass_s(11)
    assert isinstance(page, PinPage)
    assert page.words == "大厅没有回答，请稍后再试"


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("menu:test", TestDevice(device="printer-1", level="internal")),
        ("menu:form", TestDevice(device="printer-1", level="external")),
        ("menu:paper", LoadPaper(printer="printer-1")),
    ],
)
def test_what_can_be_done_is_asked_with_the_pin(target, command):
    hands = opened()
    hands.touch(target)
    assert hands.asked[1:] == [command]
    assert hands.pins == ["270451"] * 2
    assert hands.answer().tone == "ok"


def test_findings_come_on_paper_since_a_kiosk_is_not_told_them():
    hands = opened()
    assert "menu:slip" not in hands.targets()
    hands.touch("menu:test")
    hands.answer(result={"test": "2024-12-09-T1"})
    hands.touch("menu:slip")
    assert hands.asked[-1] == PrintTests(tests=("2024-12-09-T1",), place="kiosk-1")
    hands.answer(result={"job": "t1"})
    hands.story.happen(
        e.SlipQueued(
            job="t1", printer="printer-1", purpose="tests", visit="", item="", kiosk="kiosk-1",
            language="zh", reprint=False, tests=("2024-12-09-T1",),
        )
    )  # fmt: skip
    assert "结果单：等着打" in [words for _, words, _ in hands.show().facts]
    hands.story.happen(e.SlipPrinted(job="t1", proven=True))
    assert "结果单：打好了" in [words for _, words, _ in hands.show().facts]


def test_a_refusal_is_told_in_the_words_of_the_daemon():
    hands = opened()
    hands.touch("menu:test")
    page = hands.answer(ok=False, words={"zh": "“printer-1”正在自检，请等它结束。"})
    assert (page.words, page.tone) == ("“printer-1”正在自检，请等它结束。", "warn")


def test_the_menu_shows_what_the_device_says_and_how_many_tickets_are_left():
    story = sample.morning()
    hands = opened(story)
    assert [words for _, words, _ in hands.show().facts] == ["还没有消息"]
    story.happen(e.DeviceUp(device="printer-1"))
    story.happen(e.DeviceSensed(device="printer-1", part="paper", state="low", evidence="12"))
    story.happen(e.PaperLoaded(printer="printer-1", length_mm=50_000.0))
    facts = [words for _, words, _ in hands.show().facts]
    assert facts == ["线路通", "纸快用完了", "约还能打 384 张"]


def test_a_new_start_ends_the_process_with_a_code_of_its_own():
    hands = opened()
    with pytest.raises(SystemExit) as ended:
        hands.touch("menu:restart")
    assert ended.value.code == RESTART


@pytest.mark.parametrize("landscape", [False, True])
def test_the_menu_is_left_by_touch_and_by_time_and_forgets_the_pin(landscape):
    hands = opened(landscape=landscape)
    assert isinstance(hands.touch("menu:leave"), Home)
    assert hands.model.menu.typed == ""
    hands = opened(landscape=landscape)
    assert isinstance(hands.pass_s(121), Home)
    assert hands.model.menu.typed == ""


def test_without_the_pin_the_acts_of_the_menu_do_nothing():
    hands = Hands()
    hands.screen.touched("menu:restart", hands.sight)
    hands.screen.touched("menu:test", hands.sight)
    hands.screen.touched("key:1", hands.sight)
    assert hands.asked == []
    assert isinstance(hands.show(), Home)
