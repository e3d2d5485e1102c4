"""The kiosk's behaviour, without pygame: touches and answers in, pages out."""

from dataclasses import replace

import pytest

from hallctl.core import events as e
from hallctl.core.commands import AskHelp, IssueTicket, PrintMaterials, Reprint
from screens import sample
from screens.kiosk.model import Kiosk
from screens.kiosk.pages import Home, ItemList, ItemPage, StatePage, TicketPage
from screens.kit.sight import Sight


class Bench:
    """A kiosk before a sample hall, with a clock that is turned by hand."""

    def __init__(self, story=None, clock="9:42"):
        self.story = story or sample.morning()
        self.asked = []
        self.kiosk = Kiosk("kiosk-1", self._ask)
        self.now = sample.moment(clock)
        self.mono_s = 1000.0
        self.stale_s = None
        self.kiosk.touched_s = self.mono_s

    def _ask(self, command):
        self.asked.append(command)
        return f"c{len(self.asked)}"

    @property
    def sight(self):
        return Sight(self.story.hall, self.now, self.stale_s, self.mono_s)

    def touch(self, *targets):
        for target in targets:
            self.kiosk.touched(target, self.sight)
            self.mono_s += 1

    def pass_s(self, seconds):
        self.mono_s += seconds
        self.kiosk.passed(self.sight)

    def page(self):
        self.kiosk.passed(self.sight)
        return self.kiosk.show(self.sight)

    def take(self, *, paper=True, queue="A"):
        """The daemon gives a number for the last command."""
        label = self.story.take(queue)
        result = {
            "visit": label, "label": label, "queue": queue, "job": "j1" if paper else "",
            "ahead": 4, "wait_low_min": 5, "wait_high_min": 10,
        }  # fmt: skip
        self.kiosk.answered(f"c{len(self.asked)}", True, result, {}, self.sight)
        if paper:
            self.story.slip(label)
        return label


def test_three_touches_lead_to_a_ticket():
    bench = Bench()
    bench.touch("tile:social")
    assert isinstance(bench.page(), ItemList)
    bench.touch("item:S04")
    assert isinstance(bench.page(), ItemPage)
    bench.touch("take")
    assert bench.asked == [IssueTicket(item="S04", kiosk="kiosk-1")]
    label = bench.take(queue="B")
    page = bench.page()
    assert isinstance(page, TicketPage)
    assert page.label == label


def test_who_does_not_know_the_name_needs_two_touches():
    bench = Bench()
    bench.touch("unsure", "take")
    assert bench.asked == [IssueTicket(queue="A", kiosk="kiosk-1")]


def test_a_tile_with_one_item_skips_the_list():
    bench = Bench()
    bench.touch("tile:permit")
    page = bench.page()
    assert isinstance(page, ItemPage)
    assert page.title == "居住证办理"


def test_a_tile_without_items_gives_a_number_directly():
    bench = Bench()
    bench.touch("tile:business")
    assert bench.asked == [IssueTicket(queue="Q", kiosk="kiosk-1")]


def test_not_on_the_list_means_the_queue_of_the_tile():
    bench = Bench()
    bench.touch("tile:social", "direct", "take")
    assert bench.asked == [IssueTicket(queue="B", kiosk="kiosk-1")]


def test_the_stuck_strip_gives_a_number_of_the_stuck_queue():
    bench = Bench()
    bench.touch("stuck")
    assert bench.asked == [IssueTicket(queue="F", kiosk="kiosk-1")]


def test_the_stuck_queue_has_its_strip_and_no_tile_besides():
    story = sample.morning()
    rules = sample.rules()
    stuck = replace(rules.categories[0], id="stuck", queue="F")
    story.happen(
        e.RulesSet(rules=replace(rules, categories=(*rules.categories, stuck)), digest="2")
    )
    page = Bench(story).page()
    assert isinstance(page, Home)
    assert "tile:stuck" not in [tile.target for tile in page.tiles]
    assert page.stuck == "办不成事？到 8 号窗口反映"


def test_a_double_tap_gives_one_number():
    bench = Bench()
    bench.touch("tile:permit")
    for _ in range(2):
        bench.kiosk.touched("take", bench.sight)
        bench.mono_s += 0.2
    assert len(bench.asked) == 1


def test_the_second_tap_does_not_close_the_ticket_that_has_just_come():
    bench = Bench()
    bench.touch("tile:permit")
    bench.kiosk.touched("take", bench.sight)
    bench.take()
    bench.mono_s += 0.3
    bench.kiosk.touched("ok", bench.sight)
    assert isinstance(bench.page(), TicketPage)


def test_priority_is_asked_for_with_the_same_touches():
    bench = Bench()
    bench.touch("tile:permit", "priority")
    assert bench.asked == [IssueTicket(item="P01", klass="priority", kiosk="kiosk-1")]
    bench.take()
    assert bench.page().number_words == "优先号码"


def test_nothing_can_be_touched_while_the_number_is_asked_for():
    bench = Bench()
    bench.touch("unsure", "take")
    page = bench.page()
    assert isinstance(page, StatePage)
    assert (page.title, page.button, page.top.helpers) == ("正在取号", None, ())


def test_a_refusal_is_told_in_the_words_of_the_daemon():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.kiosk.answered(
        "c1", False, {}, {"zh": "现在不在取号时间。", "en": "Closed."}, bench.sight
    )
    assert bench.page().sub == "现在不在取号时间。"
    bench.touch("language")
    assert bench.page().sub == "Closed."


def test_a_hall_that_never_answers_sends_people_to_the_guide_desk():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.pass_s(61)
    assert "导办台" in bench.page().sub


def test_an_unreachable_daemon_puts_the_kiosk_out_of_service_and_says_since_when():
    bench = Bench()
    bench.stale_s = sample.moment("9:40").wall_s
    page = bench.page()
    assert page.title == "这台机器停用了"
    assert "9:40" in page.note
    assert page.button is None


def test_before_any_contact_the_kiosk_says_that_it_is_connecting():
    kiosk = Kiosk("kiosk-1", lambda _: "c1")
    page = kiosk.show(Sight(sample.Story().hall, None, 0.0, 1000.0))
    assert "正在连接" in page.note


def test_a_ticket_in_hand_is_shown_even_when_the_daemon_goes_away():
    bench = Bench()
    bench.touch("unsure", "take")
    label = bench.take()
    bench.stale_s = bench.now.wall_s
    assert bench.page().label == label


def test_an_answer_that_comes_late_still_shows_the_number():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.stale_s = bench.now.wall_s
    assert bench.page().title == "这台机器停用了"
    bench.stale_s = None
    label = bench.take()
    assert bench.page().label == label


@pytest.mark.parametrize(
    ("happened", "title", "reprint"),
    [
        ((), "取号成功，正在打小票", False),
        ((e.SlipSending(job="j1"),), "取号成功，正在打小票", False),
        ((e.SlipPrinted(job="j1", proven=True),), "取号成功，请拿好小票", True),
        ((e.SlipHeld(job="j1", reason="paper_out"),), "号已排上，小票暂时打不了", False),
        ((e.SlipDoubtful(job="j1", reason="silent"),), "号已排上，请看小票出来没有", True),
        ((e.SlipFailed(job="j1", reason="late"),), "没打出来，但号已经排上", True),
    ],
)
def test_the_ticket_page_tells_the_truth_about_the_slip(happened, title, reprint):
    bench = Bench()
    bench.touch("unsure", "take")
    bench.take()
    for event in happened:
        bench.story.happen(event)
    page = bench.page()
    assert page.title == title
    assert bool(page.reprint) is reprint


def test_a_slip_that_is_slow_is_not_called_printed():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.take()
    bench.pass_s(9)
    assert bench.page().title == "号已排上，小票还没出来"


def test_a_reprint_is_asked_once_and_its_own_slip_is_then_followed():
    bench = Bench()
    bench.touch("unsure", "take")
    label = bench.take()
    bench.story.happen(e.SlipDoubtful(job="j1", reason="silent"))
    bench.touch("reprint", "reprint")
    assert bench.asked[1:] == [Reprint(visit=label, kiosk="kiosk-1")]
    assert bench.page().title == "正在补打，请稍等"
    bench.kiosk.answered("c2", True, {"job": "j2"}, {}, bench.sight)
    bench.story.slip(label, "j2", reprint=True)
    bench.story.happen(e.SlipPrinted(job="j2", proven=True))
    assert bench.page().title == "取号成功，请拿好小票"


def test_a_refused_reprint_says_why():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.take()
    bench.story.happen(e.SlipPrinted(job="j1", proven=True))
    bench.touch("reprint")
    bench.kiosk.answered("c2", False, {}, {"zh": "正在打印，请稍等。"}, bench.sight)
    assert bench.page().title == "正在打印，请稍等。"


def test_the_ticket_goes_15_s_after_its_slip_and_60_s_without_one():
    bench = Bench()
    bench.touch("unsure", "take")
    bench.take()
    bench.pass_s(40)
    bench.story.happen(e.SlipPrinted(job="j1", proven=True))
    bench.pass_s(0)
    bench.pass_s(14)
    assert isinstance(bench.page(), TicketPage)
    bench.pass_s(2)
    assert isinstance(bench.page(), Home)
    bench.touch("unsure", "take")
    bench.take(paper=False)
    bench.pass_s(58)
    assert bench.page().title == "取号成功，请记住号码"
    bench.pass_s(3)
    assert isinstance(bench.page(), Home)


def out_of_paper():
    story = sample.morning()
    story.happen(e.DeviceUp(device="printer-1"))
    story.happen(e.DeviceSensed(device="printer-1", part="paper", state="out", evidence="12"))
    return story


def test_without_paper_the_kiosk_says_so_and_numbers_go_on():
    bench = Bench(out_of_paper())
    assert bench.page().title == "小票纸用完了"
    bench.touch("paperless")
    page = bench.page()
    assert isinstance(page, Home)
    assert page.banner is not None
    bench.touch("unsure", "take")
    assert bench.asked == [IssueTicket(queue="A", kiosk="kiosk-1", paper=False)]


def test_new_paper_takes_the_page_away():
    bench = Bench(out_of_paper())
    bench.story.happen(e.DeviceSensed(device="printer-1", part="paper", state="ok", evidence=""))
    assert isinstance(bench.page(), Home)


def test_a_printer_that_is_gone_is_not_called_out_of_paper():
    story = sample.morning()
    story.happen(e.DeviceDown(device="printer-1", evidence="ENODEV", remedy="plug it in"))
    assert Bench(story).page().title == "小票机用不了"


@pytest.mark.parametrize(
    ("clock", "day", "title"),
    [
        ("8:30", sample.DAY, "还没开门"),
        ("12:10", sample.DAY, "现在午休"),
        ("16:50", sample.DAY, "今天不再取号了"),
        ("17:10", sample.DAY, "今天下班了"),
        ("10:00", "2024-12-14", "今天不上班"),
    ],
)
def test_outside_its_hours_the_kiosk_says_why_and_gives_no_number(clock, day, title):
    bench = Bench()
    bench.now = sample.moment(clock, day)
    page = bench.page()
    assert page.title == title
    assert bench.asked == []


def test_the_page_for_the_weekend_names_monday():
    bench = Bench()
    bench.now = sample.moment("10:00", "2024-12-14")
    assert bench.page().sub == "12月16日 星期一 8:45 开始取号"


def test_at_lunch_a_number_for_the_afternoon_may_be_taken():
    bench = Bench(clock="12:10")
    bench.touch("afternoon")
    assert isinstance(bench.page(), Home)


def test_after_90_s_the_kiosk_asks_and_after_30_more_it_goes_home():
    bench = Bench()
    bench.touch("bigger", "tile:permit")
    bench.pass_s(90)
    assert bench.page().title == "还在用吗？"
    bench.touch("stay")
    assert isinstance(bench.page(), ItemPage)
    bench.pass_s(118)
    assert bench.page().title == "还在用吗？"
    bench.pass_s(4)
    page = bench.page()
    assert isinstance(page, Home)
    assert not page.top.big


def test_staff_are_called_once_and_the_button_says_that_they_come():
    bench = Bench()
    bench.touch("help")
    bench.story.happen(e.HelpAsked(place="kiosk-1"))
    bench.touch("help")
    assert bench.asked == [AskHelp(place="kiosk-1")]
    assert bench.page().top.helpers[0].words == "马上来人"
    bench.story.happen(e.HelpAnswered(place="kiosk-1"))
    assert bench.page().top.helpers[0].words == "叫人帮忙"


def test_a_list_of_materials_is_printed_without_a_number():
    bench = Bench()
    bench.touch("tile:permit", "materials")
    assert bench.asked == [PrintMaterials(item="P01", kiosk="kiosk-1")]
    assert bench.page().title == "正在打印材料清单"
    bench.kiosk.answered("c1", True, {"job": "m1"}, {}, bench.sight)
    bench.story.happen(
        e.SlipQueued(
            job="m1", printer="printer-1", purpose="materials", visit="", item="P01",
            kiosk="kiosk-1", language="zh", reprint=False,
        )
    )  # fmt: skip
    bench.story.happen(e.SlipPrinted(job="m1", proven=True))
    assert bench.page().title == "清单打好了，请拿好"


def test_after_a_restart_a_doubtful_slip_is_offered_and_not_repeated_by_itself():
    story = sample.morning()
    story.wall_s = sample.moment("9:40").wall_s
    story.slip("A016")
    story.happen(e.SlipSending(job="j1"))
    story.happen(e.SlipDoubtful(job="j1", reason="restart"))
    bench = Bench(story)
    assert "A016" in bench.page().sub
    assert bench.asked == []
    bench.touch("offer:again")
    assert bench.asked == [Reprint(visit="A016", kiosk="kiosk-1")]
    assert bench.page().label == "A016"


def test_an_offer_that_nobody_takes_goes_away():
    story = sample.morning()
    story.wall_s = sample.moment("9:40").wall_s
    story.slip("A016")
    story.happen(e.SlipDoubtful(job="j1", reason="restart"))
    bench = Bench(story)
    assert isinstance(bench.page(), StatePage)
    bench.pass_s(61)
    assert isinstance(bench.page(), Home)


def test_what_the_sources_do_not_say_reads_ask_at_the_window():
    bench = Bench()
    bench.touch("tile:civil")
    page = bench.page()
    assert page.open_words[0] == "要带什么，以窗口告知为准"
    assert page.cost == "收费和时限，以窗口告知为准"
    assert page.note == "本清单尚待核对，以窗口告知为准"


def test_a_long_list_is_paged_and_comes_round():
    bench = Bench()
    bench.touch("tile:rental")
    assert bench.page().items[0][0] == "item:C00"
    bench.touch("page:1")
    assert bench.page().items[0][0] == "item:C04"
    bench.touch("page:-1", "page:-1")
    assert bench.page().pager.at == 2


def test_english_is_one_touch_away():
    bench = Bench()
    bench.touch("language")
    assert bench.page().ask == "What can we help you with?"
    bench.touch("unsure", "take")
    assert bench.asked[0].language == "en"


def test_back_leads_to_the_list_and_then_home():
    bench = Bench()
    bench.touch("tile:social", "item:S01", "back")
    assert isinstance(bench.page(), ItemList)
    bench.touch("back")
    assert isinstance(bench.page(), Home)
