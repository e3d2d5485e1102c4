"""Every kind of strip on a line with others: one at a time, the dead apart, redraw, self-test."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.led_ascii import LedAscii
from drivers.led_cpower import LedCpower
from drivers.led_modbus import LedModbus
from hallctl.core.effects import EndExercise, ExerciseDevice, ShowStrip
from hallctl.core.reports import Condition, Fault, Finding
from hallctl.protocols.strip_text import fitting, halves, pages, showable
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.led_ascii import LedAsciiTwin
from hallctl.simulator.twins.led_cpower import LedCpowerTwin
from hallctl.simulator.twins.led_modbus import LedModbusTwin
from wired import Wired, codes, named

MAKES = {
    "ascii": (LedAscii, LedAsciiTwin),
    "cpower": (LedCpower, LedCpowerTwin),
    "modbus": (LedModbus, LedModbusTwin),
}
OWN_FAULTS = ("wrong_checksum", "wrong_address", "error")
RETURN_S = 15.0
"""A parked strip is asked every 10 s."""

every_make = pytest.mark.parametrize("make", sorted(MAKES))


class Line(Wired):
    """Three strips on one line: address 1 at window 3, 2 at 4, 7 at 9."""

    def __init__(self, make, **options):
        kind, twin = MAKES[make]
        options = {"strips": {1: 3, 2: 4, 7: 9}} | options
        driver = kind(kind.Options(**options))
        super().__init__(driver, twin(driver.options.model_dump(mode="json")))
        self.twin = self.line.twin

    def show(self, window, *texts, state="call"):
        self.do(ShowStrip(window=window, state=state, texts=texts))

    def text(self, window):
        return self.twin.state()["windows"][str(window)]["text"]

    def count(self, window):
        return self.twin.state()["windows"][str(window)]["count"]

    def states(self, part):
        return [r.state for r in self.heard(Condition) if r.part == part]


def sound(line):
    """Nothing came over the line that a strip could not read."""
    state = line.twin.state()
    strips = state["windows"].values()
    return not state["bad"] and not state["foreign"] and not any(s["unknown"] for s in strips)


# - what fits


TEXTS = ("请A001号到3号窗口办理", "请A001号", "A001")


def waited(line, window, texts, *, rest_s):
    """How long each of so many texts took to stand at a window, with a rest after each."""
    waits = []
    for number in range(texts):
        line.show(window, f"请A{number:03}")
        begun = line.now
        line.until(lambda number=number: line.text(window) == f"请A{number:03}", most_s=5)
        waits.append(line.now - begun)
        line.run(rest_s)
    return waits


@pytest.mark.parametrize(("columns", "shown"), [(11, TEXTS[0]), (8, TEXTS[1]), (2, TEXTS[2])])
@every_make
def test_the_longest_text_that_fits_is_shown(make, columns, shown):
    line = Line(make, columns=columns)
    line.show(3, *TEXTS)
    line.run(1)
    assert line.text(3) == shown
    assert sound(line)


@every_make
def test_a_text_that_never_fits_is_paged_every_three_seconds_and_stands_still_between(make):
    line = Line(make, columns=2)
    line.show(3, "暂停服务中")
    line.run(0.2)
    seen = []
    for _ in range(24):
        seen.append(line.text(3))
        line.run(0.5)
    changes = [at for at in range(1, 24) if seen[at] != seen[at - 1]]
    assert seen[0] == "暂停"
    assert [seen[at] for at in changes[:3]] == ["服务", "中", "暂停"]
    assert {b - a for a, b in itertools.pairwise(changes)} == {6}


@every_make
def test_a_text_that_fits_is_sent_once_and_then_left_alone(make):
    line = Line(make, check_s=0)
    line.show(3, "请A001")
    line.run(1)
    before = line.count(3)
    line.run(60)
    assert line.count(3) == before


def test_pages_of_one_strip_do_not_starve_under_the_texts_of_another():
    line = Line("cpower", columns=2)
    line.show(3, "暂停服务中")
    seen = set()
    for n in range(20):
        line.show(4, f"A{n}")
        line.run(1)
        seen.add(line.text(3))
    assert seen == {"暂停", "服务", "中"}


@every_make
def test_what_a_font_cannot_have_is_marked_and_controls_are_dropped(make):
    line = Line(make)
    line.show(3, "王𬭎\x07\n好\ue000")
    line.run(1)
    assert line.text(3) == "王〓好〓"
    assert sound(line)


@given(st.text(alphabet="请A0号窗口综", min_size=1, max_size=60), st.integers(1, 9))
def test_pages_lose_nothing_and_fit(text, columns):
    found = list(pages(text, columns))
    assert "".join(found) == text
    assert all(halves(page) <= 2 * columns for page in found)


@given(st.lists(st.text(max_size=40), max_size=4), st.integers(1, 32))
def test_a_page_is_as_many_bytes_as_it_is_wide(texts, columns):
    for page in fitting(texts, columns):
        assert len(page.encode("gb18030")) == halves(page) <= 2 * columns
        assert showable(page) == page


# - several on one line


@every_make
def test_only_the_windows_own_strip_is_addressed(make):
    line = Line(make)
    line.show(4, "请A001")
    line.show(5, "请A002")
    line.run(1)
    assert [line.text(w) for w in (3, 4, 9)] == ["", "请A001", ""]
    assert line.device.driver.windows() == (3, 4, 9)


@every_make
def test_one_request_at_a_time_and_each_waits_for_its_answer(make):
    line = Line(make)
    line.fault("slow")
    line.run(2)
    sent = []
    before = line.link._answer
    line.link._answer = lambda data: (sent.append((line.now, data)), before(data))[1]
    for window in (3, 4, 9):
        line.show(window, "请A001")
    line.run(5)
    times = [now for now, _ in sent]
    assert len(times) == len(set(times)) >= 3
    assert all(b - a >= 0.69 for a, b in itertools.pairwise(times))
    assert [line.text(w) for w in (3, 4, 9)] == ["请A001"] * 3


@every_make
def test_one_that_is_dead_does_not_stop_the_others_and_is_said_by_its_address(make):
    line = Line(make)
    line.press(window=4, power=False)
    for window in (3, 4, 9):
        line.show(window, "请A001")
    line.run(1.5)
    assert [line.text(w) for w in (3, 4, 9)] == ["请A001", "", "请A001"]
    line.run(5)
    assert line.states("strip:2") == ["ready", "silent"]
    assert line.states("strip:1") == line.states("strip:7") == ["ready"]
    assert line.states("state")[-1] == "ready"
    waits = waited(line, 3, 40, rest_s=0.25)
    assert max(waits) < 1.3, "it costs the others one answer's time at most"
    assert sum(wait > 0.2 for wait in waits) < 6, "and that seldom"


@every_make
def test_texts_for_a_dead_one_cost_the_others_nothing(make):
    line = Line(make)
    line.press(window=4, power=False)
    line.run(35)
    slow = 0
    for n in range(40):
        line.show(4, f"请B{n:03}")
        line.show(3, f"请A{n:03}")
        line.run(0.15)
        slow += line.text(3) != f"请A{n:03}"
        line.run(0.5)
    assert slow <= 5, "only while it is asked whether it is back"


@every_make
def test_one_that_refuses_is_said_once_and_shown_its_text_when_it_can(make):
    line = Line(make)
    line.fault("error")
    line.show(3, "请A001")
    line.run(100)
    assert line.states("strip:1").count("error") == 1
    line.fault("error", on=False)
    line.run(2 * RETURN_S)
    assert line.text(3) == "请A001"
    assert line.states("strip:1")[-2:] == ["error", "ready"]


@every_make
def test_one_that_comes_back_is_drawn_again(make):
    line = Line(make)
    line.show(4, "请A001")
    line.run(1)
    line.press(window=4, power=False)
    line.run(30)
    line.show(4, "请A002")
    line.run(1)
    line.press(window=4, power=True)
    assert line.text(4) == ""
    line.run(RETURN_S)
    assert line.text(4) == "请A002"
    assert line.states("strip:2") == ["ready", "silent", "ready"]


@pytest.mark.parametrize("make", ["ascii", "modbus"])
def test_one_that_lost_its_power_for_a_moment_only_is_drawn_again(make):
    line = Line(make)
    line.show(4, "请A001")
    line.run(1)
    line.press(window=4, power=False)
    line.press(window=4, power=True)
    assert line.text(4) == ""
    line.run(RETURN_S)
    assert line.text(4) == "请A001"
    assert line.states("strip:2") == ["ready"]


@every_make
def test_a_line_that_was_away_is_drawn_again(make):
    line = Line(make)
    for window in (3, 4):
        line.show(window, f"请A00{window}")
    line.run(1)
    line.fault("unplug")
    line.run(1)
    for window in (3, 4):
        line.press(window=window, power=False)
        line.press(window=window, power=True)
    line.show(4, "请B001")
    line.fault("unplug", on=False)
    line.run(5)
    assert [line.text(w) for w in (3, 4)] == ["请A003", "请B001"]


@every_make
def test_a_line_where_nobody_answers_is_silent_and_comes_back(make):
    line = Line(make)
    line.fault("silence")
    line.show(3, "请A001")
    line.run(50)
    assert line.states("state") == ["unknown", "ready", "silent"]
    line.fault("silence", on=False)
    line.run(RETURN_S)
    assert line.states("state")[-1] == "ready"
    assert [line.states(f"strip:{a}")[-1] for a in (1, 2, 7)] == ["ready"] * 3


@every_make
def test_noise_is_a_fault_now_and_then_and_no_text_is_lost(make):
    line = Line(make)
    line.fault("noise")
    for n in range(30):
        line.show(3, f"请A{n:03}")
        line.run(1)
        assert line.text(3) == f"请A{n:03}"
    assert 1 <= len(line.heard(Fault)) <= 4


def test_cards_that_are_not_asked_to_answer_are_all_written_at_once_and_stay_unknown():
    line = Line("cpower", ack=False)
    for window in (3, 4, 9):
        line.show(window, "请A001")
    line.run(0.1)
    assert [line.text(w) for w in (3, 4, 9)] == ["请A001"] * 3
    line.run(60)
    assert line.states("state") == ["unknown"]
    assert {r.part for r in line.heard(Condition)} == {"state"}


# - the self-test


@every_make
def test_sound_strips_pass_and_show_again_what_they_showed(make):
    line = Line(make)
    line.show(3, "请A001")
    line.run(1)
    steps = {f.step: f.result for f in line.selftest("internal")}
    assert steps == dict.fromkeys(("wire", "answer:1", "answer:2", "answer:7"), "passed")
    assert line.text(3) == "请A001"
    steps = {f.step: f.result for f in line.selftest("external")}
    assert set(steps.values()) == {"passed"}
    assert {"show:1", "show:2", "show:7"} < set(steps)
    line.run(1)
    assert [line.text(w) for w in (3, 4, 9)] == ["请A001", "", ""]
    assert sound(line)


@every_make
def test_the_test_text_stands_five_seconds_on_the_windows_asked_for(make):
    line, seen = Line(make), []
    line.show(3, "请A001")
    line.show(4, "请A002")
    line.run(1)
    turn = line.turn
    line.turn = lambda: (turn(), seen.append((line.text(3), line.text(4))))
    found = line.selftest("external", windows=(4,), texts=("这行字太长了放不下的呀", "条屏自检"))
    line.run(1)
    assert {f.step for f in found} == {"wire", "answer:2", "show:2"}
    assert {above for above, _ in seen} == {"请A001"}
    assert 5.0 <= 0.05 * sum(text == "条屏自检" for _, text in seen) <= 5.3
    assert seen[-1] == ("请A001", "请A002")


@every_make
def test_a_call_during_the_test_is_shown_right_after_it(make):
    line = Line(make)
    call = ShowStrip(window=3, state="call", texts=("请A009",))
    turn, asked = line.turn, []

    def turning():
        turn()
        if line.text(3) == "测试" and not asked:
            asked.append(line.devices.post([call]))

    line.turn = turning
    line.selftest("external")
    line.run(1)
    assert asked
    assert line.text(3) == "请A009"


@pytest.mark.parametrize("fault", [*LINE_FAULTS, *OWN_FAULTS])
@every_make
def test_the_self_test_names_the_fault(make, fault):
    line = Line(make)
    line.run(1)
    line.fault(fault)
    line.run(1)
    found = line.selftest("external")
    assert named(fault, found), codes(found)
    line.fault(fault, on=False)
    line.run(40)
    assert codes(line.selftest("external")) == set()


@every_make
def test_every_fault_of_the_twin_is_among_those_tried(make):
    assert set(Line(make).line.names) == {*LINE_FAULTS, *OWN_FAULTS}


@every_make
def test_a_dead_strip_is_named_by_its_address_and_the_others_pass(make):
    line = Line(make)
    line.press(window=4, power=False)
    found = {f.step: (f.result, f.code) for f in line.selftest("external")}
    assert found["answer:2"] == ("failed", "silence")
    assert "show:2" not in found
    assert found["show:1"] == found["show:7"] == ("passed", "")


@every_make
def test_after_a_test_of_strips_that_refuse_the_line_is_quiet_again(make):
    line = Line(make)
    line.fault("error")
    line.selftest("external")
    line.run(30)
    before = [line.count(w) for w in (3, 4, 9)]
    line.run(60)
    asked = [line.count(w) - n for w, n in zip((3, 4, 9), before, strict=True)]
    assert max(asked) <= 2 * 60 / 10, "a check and a text every ten seconds"
    line.fault("error", on=False)
    line.run(2 * RETURN_S)
    assert [line.states(f"strip:{a}")[-1] for a in (1, 2, 7)] == ["ready"] * 3


@every_make
def test_a_test_broken_off_puts_the_texts_back_and_says_no_more(make):
    line = Line(make)
    line.show(3, "请A001")
    line.run(1)
    line.do(ExerciseDevice(device="dut", level="external", texts=("测试",)))
    line.until(lambda: line.text(3) == "测试")
    line.do(EndExercise(device="dut"))
    said = len(line.heard(Finding))
    line.run(20)
    assert line.text(3) == "请A001"
    assert len(line.heard(Finding)) == said


def test_cards_that_are_not_asked_to_answer_are_shown_something_and_are_untested():
    line = Line("cpower", ack=False)
    seen, turn = set(), line.turn
    line.turn = lambda: (turn(), seen.add(line.text(3)))
    assert {(f.step, f.code) for f in line.selftest("internal")} == {
        ("wire", ""),
        ("answer", "no_question"),
    }
    assert seen == {""}
    found = line.selftest("external")
    line.run(1)
    assert seen == {"", "测试"}
    assert line.text(3) == ""
    assert [f.result for f in found if f.step == "answer"] == ["untested"]


class BusyLine:
    """A line whose card works on the next request for `busy_s`, is deaf meanwhile, then answers."""

    def __init__(self, line):
        self._line = line
        self.busy_s, self._until, self._late = 0.0, 0.0, b""

    def __getattr__(self, name):
        return getattr(self._line, name)

    def receive(self, data, now):
        if now < self._until:
            return b""
        said = self._line.receive(data, now)
        if self.busy_s and said:
            self._late, self._until, self.busy_s = said, now + self.busy_s, 0.0
            return b""
        return said

    def wake(self, now):
        said = self._line.wake(now)
        if self._late and now >= self._until:
            said, self._late = said + self._late, b""
        return said


@every_make
@pytest.mark.parametrize("later_s", [x / 10 for x in range(11)])
def test_a_late_answer_of_the_text_before_does_not_pass_for_that_of_a_text_that_was_lost(
    make, later_s
):
    line = Line(make)
    line.run(5)
    line.line = BusyLine(line.line)
    line.line.busy_s = 1.1
    line.show(3, "A001")
    line.run(later_s)
    line.show(3, "A002")
    line.run(30)
    assert line.text(3) == "A002"
    count = line.count(3)
    line.run(60)
    assert line.count(3) - count <= 7, "and then it is only asked every 10 s"


@every_make
def test_a_late_answer_of_a_check_does_not_pass_for_that_of_a_text_that_was_lost(make):
    line = Line(make)
    line.show(3, "A001")
    line.run(5)
    line.line = BusyLine(line.line)
    line.line.busy_s = 1.1
    line.until(lambda: line.line.busy_s == 0.0)
    line.run(0.5)
    line.show(3, "A002")
    line.run(30)
    assert line.text(3) == "A002"


@pytest.mark.parametrize("state", ["call", "closed"])
@pytest.mark.parametrize("later_s", [x / 5 for x in range(12)])
@pytest.mark.parametrize("busy_s", [1.1, 1.9])
def test_a_late_answer_of_a_check_does_not_pass_for_that_of_a_switch_that_was_lost(
    busy_s, later_s, state
):
    """C-Power answers both alike."""
    line = Line("cpower", strips={1: 3}, off_when_closed=True)
    line.show(3, "A001", state=state)
    line.run(5)
    line.line = BusyLine(line.line)
    line.line.busy_s = busy_s
    line.until(lambda: line.line.busy_s == 0.0)
    line.run(later_s)
    other = "closed" if state == "call" else "call"
    line.show(3, "A002", state=other)
    line.run(30)
    strip = line.twin.strips[1]
    assert (strip.text, strip.lit) == ("A002", other == "call")


@every_make
@pytest.mark.parametrize("later_s", [x / 10 for x in range(14)])
def test_one_late_answer_before_it_does_not_fail_the_self_test_of_sound_strips(make, later_s):
    line = Line(make)
    line.run(5)
    line.line = BusyLine(line.line)
    line.line.busy_s = 1.2
    line.until(lambda: line.line.busy_s == 0.0)
    line.run(later_s)
    assert codes(line.selftest("external")) == set()


@every_make
def test_strips_that_answer_a_little_late_are_not_given_up_and_show_their_texts(make):
    line = Line(make, answer_s=0.6)
    line.fault("slow")  # each answers after 0.7 s
    for number in range(8):
        for window in (3, 4, 9):
            line.show(window, f"A{number}{window}")
        line.run(25)
    assert [line.text(window) for window in (3, 4, 9)] == ["A73", "A74", "A79"]


class LateStrip:
    """A line whose strip 1 works `late_s` on each request, deaf meanwhile, and answers then."""

    def __init__(self, line, late_s):
        self._line, self.late_s = line, late_s
        self._until, self._late, self._now = 0.0, b"", 0.0
        strip_at = line.twin.strip_at
        line.twin.strip_at = lambda at: (
            None if at == 1 and self._now < self._until else strip_at(at)
        )

    def __getattr__(self, name):
        return getattr(self._line, name)

    def receive(self, data, now):
        self._now = now
        before = self._line.twin.strips[1].count
        said = self._line.receive(data, now)
        if self._line.twin.strips[1].count == before:
            return said
        self._late, self._until = said, now + self.late_s
        return b""

    def wake(self, now):
        said = self._line.wake(now)
        if self._late and now >= self._until:
            said, self._late = said + self._late, b""
        return said


def with_a_late_strip(make, late_s, **options):
    line = Line(make, **options)
    line.line = LateStrip(line.line, late_s)
    return line


def shows_its_texts(line, seconds=40):
    """How many of the texts of the next minutes strip 1 shows in the end, of how many."""
    seen = 0
    for number in range(8):
        for window in (3, 4, 9):
            line.show(window, f"A{number}{window}")
        line.run(seconds / 8)
        assert [line.text(w) for w in (4, 9)] == [f"A{number}4", f"A{number}9"]
        seen += line.text(3) == f"A{number}3"
    return seen, 8


def parked(line):
    """Strip 1 has been without power for a while, and has it again."""
    line.run(5)
    line.press(window=3, power=False)
    line.run(60)
    assert line.states("strip:1")[-1] == "silent"
    line.press(window=3, power=True)
    line.run(60)
    return line


@every_make
@pytest.mark.parametrize("begun", [parked, lambda line: line], ids=["parked", "sound"])
@pytest.mark.parametrize("late_s", [1.05, 1.2, 1.5, 1.9])
def test_one_strip_that_is_slower_than_the_others_is_given_the_time_it_takes(make, late_s, begun):
    line = begun(with_a_late_strip(make, late_s))
    line.run(60)
    assert shows_its_texts(line, 60) == (8, 8)
    line.run(60)
    assert line.states("strip:1")[-1] == "ready"
    assert set(line.states("strip:2") + line.states("strip:7")) == {"ready"}


@every_make
@pytest.mark.parametrize("late_s", [2.3, 3.1, 4.4])
def test_a_strip_that_takes_much_longer_is_late_until_it_is_given_the_time(make, late_s):
    line = parked(with_a_late_strip(make, late_s))
    shows_its_texts(line)
    assert line.states("strip:1")[-1] == "late"
    assert line.states("strip:2")[-1] == "ready"
    assert line.states("state")[-1] == "ready"
    found = {f.step: f.code for f in line.selftest("internal")}
    assert found["answer:1"] in {"late", "slow"}, "by chance the answer before it comes"
    assert found["answer:2"] == ""
    given = parked(with_a_late_strip(make, late_s, answer_s=late_s + 0.2))
    assert shows_its_texts(given, 200) == (8, 8)
    assert given.states("strip:1")[-1] == "ready"
    assert "silence" not in codes(given.selftest("internal"))


@every_make
def test_a_late_strip_costs_the_others_little(make):
    line = parked(with_a_late_strip(make, 4.4))
    waits = waited(line, 4, 60, rest_s=0.9)
    assert sum(wait > 0.3 for wait in waits) <= 15, "two seconds in ten"


@every_make
def test_a_strip_that_was_slow_once_is_not_given_more_time_for_ever(make):
    line = Line(make, strips={1: 3, 2: 4})
    line.line = BusyLine(line.line)
    line.line.busy_s = 1.5
    line.run(200)
    line.press(window=3, power=False)
    line.until(lambda: line.device.driver._turns.out == (1, "check"))
    line.show(4, "A001")
    line.run(1.1)
    assert line.text(4) == "A001"


@every_make
def test_a_strip_that_was_slow_and_is_dead_now_is_silent_and_costs_the_others_no_more(make):
    line = with_a_late_strip(make, 1.2)
    line.run(60)
    line.press(window=3, power=False)
    line.run(90)
    assert line.states("strip:1")[-1] == "silent"
    assert line.text(4) == ""
    line.line.late_s = 0.0
    line.press(window=3, power=True)
    line.run(30)
    assert line.states("strip:1")[-1] == "ready"


@every_make
def test_a_line_of_which_all_strips_are_late_is_not_called_silent(make):
    line = Line(make)
    line.line.slow_s = 2.6
    line.fault("slow")
    line.run(120)
    assert line.states("state")[-1] in {"late", "ready"}
    assert "silent" not in line.states("state")
