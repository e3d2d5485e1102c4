"""What the kiosk shows when not everything is as usual: closed, full, leaving, a card, help."""

import pytest

from hallctl.core import events as e
from hallctl.core.commands import AskHelp, IssueTicket, PrintMaterials
from kiosk_bench import Hands, with_quota
from screens import sample
from screens.kiosk.pages import Home, ItemList, ItemPage, Leave, StatePage, TicketPage


@pytest.mark.parametrize("clock", ["8:30", "16:50", "17:10"])
def test_when_closed_the_guide_stays_and_no_number_can_be_touched(clock):
    hands = Hands(clock=clock)
    assert hands.touch("guide").shut is not None
    assert "unsure" not in hands.targets()
    assert "stuck" not in hands.targets()
    page = hands.touch("tile:permit")
    assert page.materials
    assert "take" not in hands.targets()
    assert "priority" not in hands.targets()
    hands.touch("materials")
    assert hands.asked == [PrintMaterials(item="P01", kiosk="kiosk-1")]


def test_when_closed_every_page_says_when_numbers_are_given():
    hands = Hands(clock="17:10")
    when = "12月10日 星期二 8:45 开始取号"
    assert hands.show().sub == when
    assert hands.touch("guide").shut[1][0] == when
    assert hands.touch("tile:permit").shut[1][0] == when


def test_when_closed_only_what_can_be_read_about_has_a_tile_and_no_wait():
    hands = Hands(clock="17:10")
    page = hands.touch("guide")
    assert "tile:business" not in [tile.target for tile in page.tiles]
    assert page.tiles[0].wait == ("5 样事",)
    assert isinstance(hands.touch("tile:social"), ItemList)
    assert "direct" not in hands.targets()


def test_the_guide_is_left_back_to_the_page_that_says_closed_and_by_time():
    hands = Hands(clock="17:10")
    hands.touch("guide", "tile:social", "item:S01", "back", "back", "back")
    assert hands.show().title == "今天下班了"
    hands.touch("guide")
    assert hands.pass_s(121).title == "今天下班了"


def test_a_guide_becomes_the_home_page_when_numbers_are_given_again():
    hands = Hands(clock="8:44")
    hands.touch("guide")
    hands.clock = "8:45"
    page = hands.show()
    assert isinstance(page, Home)
    assert page.shut is None


def test_a_queue_that_was_closed_says_so_on_its_tile_and_its_items():
    hands = Hands()
    hands.story.happen(e.QueueClosed(queue="B", reason=""))
    assert hands.show().tiles[0].wait[0] == "今天不再取号"
    page = hands.touch("tile:social", "item:S04")
    assert page.shut == (
        "社保的号满了",
        ("12月10日 星期二 8:45 开始取号；急事请叫人", "12月10日 星期二 8:45 开始取号"),
    )
    assert "take" not in hands.targets()


def test_a_quota_that_is_used_up_opens_again_in_the_afternoon():
    story = sample.morning()
    story.happen(e.RulesSet(rules=with_quota(sample.rules(), "Q", (1, 5)), digest="q"))
    hands = Hands(story)
    story.hall.given["Q:0"] = 1
    page = hands.touch("tile:business")
    assert page.shut[0] == "企业的号满了"
    assert page.shut[1][1] == "上午 11:45 开始取号"
    assert hands.asked == []
    hands.clock = "11:45"
    assert hands.show().title == "直接取号" or hands.show().shut is None


def test_when_every_queue_is_full_the_kiosk_says_so_and_the_guide_stays():
    hands = Hands()
    for queue in sample.rules().queues:
        hands.story.happen(e.QueueClosed(queue=queue.id, reason=""))
    page = hands.show()
    assert (page.title, page.sub) == ("今天号满了", "12月10日 星期二 8:45 开始取号")
    assert isinstance(hands.touch("guide"), Home)


def test_an_evacuation_stands_over_everything_and_nothing_can_be_touched():
    hands = Hands()
    hands.touch("tile:permit")
    hands.story.happen(e.EvacuationStarted(place="guide"))
    assert isinstance(hands.show(), Leave)
    assert hands.targets() == []
    first = hands.show()
    assert hands.pass_s(300) == first
    hands.story.happen(e.EvacuationEnded(place="guide"))
    assert isinstance(hands.show(), ItemPage)


def test_an_evacuation_hides_even_a_number_that_has_just_come():
    hands = Hands()
    hands.touch("unsure", "take")
    label = hands.story.take("A")
    hands.answer(result={"visit": label, "label": label, "queue": "A", "job": ""})
    hands.story.happen(e.EvacuationStarted(place="guide"))
    assert isinstance(hands.show(), Leave)
    hands.story.happen(e.EvacuationEnded(place="guide"))
    page = hands.pass_s(5)
    assert isinstance(page, TicketPage)
    assert page.label == label


def read_card(hands, age):
    hands.story.wall_s = hands.sight.now.wall_s - 1
    hands.story.happen(e.CardRead(place="kiosk-1", person="5e1f", age=age))


def test_a_card_on_the_reader_is_told_and_goes_with_the_number():
    hands = Hands()
    hands.touch("tile:permit")
    read_card(hands, 40)
    page = hands.show()
    assert ("idcard", ("已读身份证",)) in page.chips
    assert not page.propose
    hands.touch("take")
    assert hands.asked == [IssueTicket(item="P01", kiosk="kiosk-1", card=True)]


@pytest.mark.parametrize(("age", "proposed"), [(69, False), (70, True), (93, True)])
def test_from_70_years_on_priority_is_proposed_and_not_forced(age, proposed):
    hands = Hands()
    hands.touch("tile:permit")
    read_card(hands, age)
    assert hands.show().propose is proposed
    hands.touch("take")
    assert hands.asked[0].klass == "ordinary"


def test_a_card_is_forgotten_when_its_owner_has_gone():
    hands = Hands()
    read_card(hands, 75)
    hands.pass_s(0)
    hands.clock = "9:44"
    hands.pass_s(95)
    page = hands.touch("tile:permit")
    assert not page.propose
    hands.touch("take")
    assert hands.asked[0].person == ""


def test_a_card_on_the_reader_is_a_sign_of_life():
    hands = Hands()
    hands.touch("tile:permit")
    hands.pass_s(80)
    read_card(hands, 40)
    hands.pass_s(1)
    assert isinstance(hands.pass_s(80), ItemPage)


def test_help_is_rung_and_told_and_the_page_comes_back_by_itself():
    hands = Hands()
    hands.touch("tile:permit")
    assert hands.touch("help").title == "正在叫人"
    assert hands.asked == [AskHelp(place="kiosk-1")]
    hands.story.happen(e.HelpAsked(place="kiosk-1"))
    assert hands.show().title == "工作人员马上来"
    assert isinstance(hands.pass_s(16), ItemPage)


def test_a_call_for_help_that_nobody_heard_is_not_called_heard():
    hands = Hands()
    hands.touch("help")
    assert hands.pass_s(6).title == "没有叫通"


def test_larger_text_comes_in_two_steps_and_goes_in_one():
    hands = Hands()
    tops = [hands.touch("bigger").top for _ in range(3)]
    assert [(top.big, top.contrast) for top in tops] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    labels = [next(h.words for h in top.helpers if h.target == "bigger") for top in tops]
    assert labels == ["再清楚些", "字小一些", "字再大些"]


def test_all_settings_go_back_with_the_last_resident():
    hands = Hands()
    hands.touch("bigger", "bigger", "language", "tile:permit")
    page = hands.pass_s(121)
    assert isinstance(page, Home)
    assert (page.top.language, page.top.big, page.top.contrast) == ("zh", False, False)


def test_an_item_without_an_english_name_has_an_english_category():
    hands = Hands()
    page = hands.touch("language", "tile:permit")
    assert page.title == "居住证办理"
    assert page.chips[0] == ("idcard", ("Residence permit",))


def test_out_of_service_keeps_what_needs_no_hall():
    hands = Hands()
    stale = sample.sight_of(hands.story, "9:42", sample.moment("9:40").wall_s)
    page = hands.screen.show(stale)
    assert isinstance(page, StatePage)
    assert [helper.target for helper in page.top.helpers] == ["bigger", "read", "language"]
