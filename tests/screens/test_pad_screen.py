"""Touch walks over the rating pad, with a real core behind it and time handed in."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core.rules import Item
from sample import RULES
from sample import Bench as Steps
from screens import sample
from screens.kit import shapes
from screens.kit.fonts import Fonts
from screens.kit.scene import scenes_of
from screens.kit.sight import Sight
from screens.kit.touch import Touch
from screens.pad.model import NOTE_S, REASONS_MOST_S, REASONS_S, SILENT_S, PadModel
from screens.pad.pages import GRADES, Ask, Dark, Leave, Note, Why
from screens.pad.scenes import rated
from screens.pad.screen import PadScreen

ITEM = Item("SB02", "社保卡办理", "A", "social")
HALL = replace(RULES, items=(*RULES.items, ITEM))


class Walk:
    """A pad at window 1 of a real core. `silent`: no command arrives."""

    def __init__(self):
        self.steps = Steps(HALL)
        self.model = PadModel(1, self.ask)
        self.sent = []
        self.silent = False
        self.stale_s = None
        self.mono_s = 1000.0

    def ask(self, command):
        self.sent.append(command)
        return f"c{len(self.sent)}"

    def sight(self):
        return Sight(self.steps.hall, self.steps.now, self.stale_s, self.mono_s)

    def page(self):
        return self.model.show(self.sight())

    def touch(self, target):
        """A finger on what is on the glass; then the daemon's answer, if it hears."""
        self.page()
        before = len(self.sent)
        self.model.touched(target, self.sight())
        if len(self.sent) > before and not self.silent:
            self.answer(self.sent[-1], f"c{len(self.sent)}")
        return self.page()

    def answer(self, command, command_id):
        outcome = self.steps.ask(command)
        answer = outcome.answer
        self.model.answered(command_id, answer["ok"], answer.get("words", {}), self.sight())

    def later(self, seconds):
        """Time goes by for hall and pad."""
        self.mono_s += seconds
        self.steps.later(seconds)
        return self.page()

    def serve(self, item=""):
        """A resident is served at window 1 and done."""
        self.steps.ask(c.IssueTicket(queue="A", item=item))
        self.steps.ask(c.CallNext(window=1))
        self.steps.ask(c.Start(window=1))
        self.steps.later(60)
        self.steps.ask(c.Finish(window=1))
        return self.page()

    def recorded(self, kind):
        return [r.event for r in self.steps.recorded if isinstance(r.event, kind)]


@pytest.fixture
def walk():
    return Walk()


@pytest.fixture(scope="module")
def scenes():
    fonts = Fonts()
    return {scene.name: scene.drawn(fonts) for scene in scenes_of("pad")}


def test_without_a_visit_there_is_no_rating(walk):
    page = walk.page()
    assert isinstance(page, Note)
    assert page.rest.title == "您好，欢迎来办事"
    walk.touch("grade:5")
    assert walk.sent == []


def test_a_visit_that_is_done_is_asked_about_by_its_label_and_item(walk):
    page = walk.serve("SB02")
    assert isinstance(page, Ask)
    assert page.top.label == "A001"
    assert page.top.right == ("社保卡办理", "综合服务")


def test_nobody_is_asked_while_being_served(walk):
    walk.steps.ask(c.IssueTicket(queue="A"))
    for act in (c.CallNext(window=1), c.Start(window=1)):
        walk.steps.ask(act)
        assert isinstance(walk.page(), Note)


@pytest.mark.parametrize("grade", [3, 4, 5])
def test_a_good_grade_is_one_touch_and_thanks_for_5_s(walk, grade):
    walk.serve()
    page = walk.touch(f"grade:{grade}")
    assert page.rest.title == "谢谢您的评价"
    assert [x.grade for x in walk.recorded(e.VisitRated)] == [grade]
    assert walk.later(NOTE_S - 0.1).rest.title == "谢谢您的评价"
    assert walk.later(0.1).rest.title == "您好，欢迎来办事"


@pytest.mark.parametrize("grade", [1, 2])
def test_a_low_grade_is_asked_why_and_the_reasons_are_sent_together(walk, grade):
    walk.serve()
    page = walk.touch(f"grade:{grade}")
    assert isinstance(page, Why)
    assert [r.key for r in page.reasons] == list(RULES.reasons)
    assert not any(r.chosen for r in page.reasons)
    walk.touch("reason:wait")
    walk.touch("reason:attitude")
    page = walk.touch("reason:unsolved")
    assert [r.key for r in page.reasons if r.chosen] == ["wait", "attitude", "unsolved"]
    walk.touch("reason:attitude")
    page = walk.touch("send")
    assert page.rest.title == "谢谢您告诉我们"
    assert [x.reasons for x in walk.recorded(e.ReasonsGiven)] == [("wait", "unsolved")]


def test_reasons_may_be_skipped_and_the_grade_stands(walk):
    walk.serve()
    page = walk.touch("grade:2")
    assert page.send == "不选了"
    assert walk.touch("send").rest.title == "谢谢您告诉我们"
    assert walk.recorded(e.ReasonsGiven) == []
    assert [x.grade for x in walk.recorded(e.VisitRated)] == [2]


def test_after_60_s_without_a_touch_what_was_chosen_is_sent(walk):
    walk.serve()
    walk.touch("grade:1")
    walk.later(REASONS_S - 20)
    walk.touch("reason:papers")
    assert isinstance(walk.later(REASONS_S - 1), Why)
    walk.later(1)
    assert walk.sent[-1] == c.GiveReasons(window=1, reasons=("papers",), visit="2026-11-23-A001")
    walk.answer(walk.sent[-1], "c2")
    assert [x.reasons for x in walk.recorded(e.ReasonsGiven)] == [("papers",)]


def test_after_60_s_with_nothing_chosen_nothing_is_sent(walk):
    walk.serve()
    walk.touch("grade:1")
    assert walk.later(REASONS_S).rest.title == "谢谢您告诉我们"
    assert [type(x) for x in walk.sent] == [c.Rate]


def test_who_keeps_choosing_is_still_in_time_for_the_core(walk):
    walk.serve()
    walk.touch("grade:1")
    for _ in range(3):
        walk.later(REASONS_MOST_S / 4)
        walk.touch("reason:trips")
    walk.later(REASONS_MOST_S / 4)
    assert walk.sent[-1] == c.GiveReasons(window=1, reasons=("trips",), visit="2026-11-23-A001")
    assert RULES.reasons_open_s > REASONS_MOST_S


def test_nobody_touches_for_60_s_and_it_counts_as_not_rated(walk):
    walk.serve()
    assert isinstance(walk.later(RULES.rating_open_s - 1), Ask)
    page = walk.later(2)
    assert page.rest.title == "您好，欢迎来办事"
    assert walk.sent == []
    assert [x.rated for x in walk.recorded(e.RatingClosed)] == [False]


def test_a_double_tap_gives_one_grade(walk):
    walk.serve()
    walk.silent = True
    walk.touch("grade:5")
    walk.touch("grade:5")
    walk.touch("grade:1")
    assert walk.sent == [c.Rate(window=1, grade=5, visit="2026-11-23-A001")]
    walk.answer(walk.sent[0], "c1")
    walk.touch("grade:1")
    assert len(walk.sent) == 1


def test_a_finger_that_slides_to_another_face_gives_no_grade(scenes):
    targets = {t.id: t for t in scenes["pad-ask"].targets}
    touch = Touch(tuple(targets.values()))
    one, other = targets["grade:5"].box, targets["grade:1"].box
    touch.down("f", one.cx, one.cy, 1.0)
    assert touch.up("f", other.cx, other.cy) == ""


def test_a_grade_is_for_the_visit_on_the_glass_and_not_for_the_next_one(walk):
    walk.serve()
    walk.page()
    walk.steps.ask(c.IssueTicket(queue="A"))
    walk.steps.ask(c.CallNext(window=1))
    walk.steps.ask(c.Finish(window=1))
    walk.model.touched("grade:1", walk.sight())
    assert walk.sent == []
    assert walk.page().top.label == "A002"


def test_a_refused_grade_is_said_calmly_and_the_pad_goes_on(walk):
    walk.serve()
    walk.page()
    walk.silent = True
    walk.touch("grade:4")
    walk.steps.later(RULES.rating_open_s + 1)
    walk.answer(walk.sent[0], "c1")
    page = walk.page()
    assert page.rest.title == "这次没有记下评价"
    assert page.rest.lines == ("现在没有等待评价的办件。",)
    assert page.rest.tone != "bad"
    assert walk.later(NOTE_S).rest.title == "您好，欢迎来办事"


def test_a_grade_nobody_answers_does_not_keep_the_resident(walk):
    walk.serve()
    walk.silent = True
    assert walk.touch("grade:5").rest.title == "正在记下您的评价"
    assert walk.later(SILENT_S).rest.title == "您的评价正在送出"
    assert walk.later(NOTE_S).rest.title == "您好，欢迎来办事"
    assert walk.sent == [c.Rate(window=1, grade=5, visit="2026-11-23-A001")]


def test_while_the_daemon_is_silent_nobody_is_asked(walk):
    walk.serve()
    walk.stale_s = walk.steps.now.wall_s - 30
    page = walk.page()
    assert page.rest.title == "暂时不能评价"
    walk.touch("grade:5")
    assert walk.sent == []
    walk.stale_s = None
    assert isinstance(walk.page(), Ask)


def test_the_next_resident_never_sees_the_reasons_of_the_one_before(walk):
    walk.serve()
    walk.touch("grade:1")
    walk.touch("reason:attitude")
    walk.steps.ask(c.IssueTicket(queue="A"))
    walk.steps.ask(c.CallNext(window=1))
    assert isinstance(walk.page(), Why)  # called is not yet there
    walk.steps.ask(c.Start(window=1))
    assert walk.page().rest.title == "您好，欢迎来办事"
    assert walk.sent[-1] == c.GiveReasons(window=1, reasons=("attitude",), visit="2026-11-23-A001")


def test_an_undone_finish_asks_nobody_and_asks_again_when_it_is_done(walk):
    walk.serve()
    walk.steps.ask(c.Undo(window=1))
    assert isinstance(walk.page(), Note)
    walk.steps.ask(c.Finish(window=1))
    assert isinstance(walk.page(), Ask)


def test_a_paused_window_says_until_when_and_where_to_go(walk):
    until_s = walk.steps.now.wall_s + 1800
    walk.steps.ask(c.Pause(window=1, until_s=until_s))
    page = walk.page()
    assert page.rest.title == "暂停服务"
    assert page.rest.lines[:2] == ("约 10:00 恢复", "请到 2–3 号窗口")


def test_a_rating_left_open_at_closing_is_still_asked(walk):
    walk.serve()
    late = Sight(walk.steps.hall, replace(walk.steps.now, day_s=12 * 3600 + 30), None, 1000.0)
    assert isinstance(walk.model.show(late), Ask)


def test_everybody_must_leave_and_no_touch_counts(walk):
    walk.serve()
    walk.page()
    walk.steps.ask(c.StartEvacuation(place="desk-1"))
    walk.model.touched("grade:5", walk.sight())
    assert isinstance(walk.page(), Leave)
    assert walk.sent == []


def test_before_any_contact_the_pad_says_that_it_is_connecting():
    page = PadModel(3, lambda _: "c1").show(Sight(sample.Story().hall, None, 0.0, 1.0))
    assert page.rest.title == "正在连接大厅"


def test_at_night_the_pad_is_black():
    model = PadModel(3, lambda _: "c1")
    assert isinstance(model.show(sample.sight_of(sample.opened(), "19:00")), Dark)


def test_no_screen_and_no_clerk_hears_which_grade_was_given(walk):
    walk.serve()
    walk.touch("grade:1")
    for r in walk.steps.recorded:
        if r.event.AUDIENCE != "private":
            assert not hasattr(r.event, "grade")


def test_the_five_faces_are_equal_in_size_and_none_is_lit(scenes):
    canvas = scenes["pad-ask"]
    boxes = [t.box for t in canvas.targets]
    assert [t.id for t in canvas.targets] == [f"grade:{grade}" for grade in GRADES]
    assert len({(round(b.w, 3), b.h, b.y) for b in boxes}) == 1
    colours = {canvas.surface.get_at((int(b.x + 30), int(b.y + 30)))[:3] for b in boxes}
    assert len(colours) == 1


def test_the_five_faces_weigh_the_same_to_the_eye():
    def ink(name):
        picture = shapes.icon(name, 116, "#000000")
        return sum(picture.get_at((x, y))[3] for x in range(116) for y in range(116))

    inks = [ink(f"face{grade}") for grade in GRADES]
    assert max(inks) / min(inks) < 1.1


def test_every_page_of_the_pad_fits_and_is_large_enough_to_touch(scenes):
    for name, canvas in scenes.items():
        for line in canvas.written:
            assert not line.cut, (name, line.text)
            assert line.box.w <= line.room.w + 1, (name, line.text)
            assert line.box.bottom <= 800, (name, line.text)
        for target in canvas.targets:
            assert min(target.box.w, target.box.h) * 0.170 >= 20, (name, target.id)


def test_the_pad_runs_as_the_stage_asks_of_it():
    asked = []
    screen = PadScreen(3, lambda command: asked.append(command) or "c1")

    sight = sample.sight_of(rated())
    screen.show(sight)
    screen.touched("grade:2", sight)
    screen.answered("c1", True, {}, {}, sight)
    page = screen.show(sight)
    screen.shown(page)
    assert isinstance(page, Why)
    assert [(r.window, r.grade) for r in asked] == [(3, 2)]
