"""The RS-485 keypad: vectors of the maker's sheet, repeats, noise on the bus."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drivers.keypad_rs485 import AGAIN_S, GAP_S, KEYS, KeypadOptions, KeypadRs485
from hallctl.core.effects import AnswerKey, AskRating, ExerciseDevice, ShowKeypad
from hallctl.core.reports import Fault, KeyPressed, Rated, TestEnded
from hallctl.protocols.ff68 import ACK, START_RATING, make_frame
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from wired import Wired, codes, named

TICKET_012 = bytes.fromhex("FF 68 08 08 68 01 02 0A 0A 0A 00 01 02 24 16")
WAITING_005 = bytes.fromhex("FF 68 08 08 68 01 02 00 00 05 0A 0A 0A 26 16")
BEEP = bytes.fromhex("FF 68 02 02 68 01 03 04 16")
RATING_3 = bytes.fromhex("FF 68 03 03 68 01 11 03 15 16")
RATING_3_ACK = bytes.fromhex("FF 68 03 03 68 01 01 03 05 16")
CALL = make_frame(1, 0x04, b"\x0c")


def keypad(**options):
    driver = KeypadRs485(KeypadOptions(windows={1: 3, 2: 4}, **options))
    driver.start(0.0)
    return driver


def pressed(frame, **options):
    return keypad(**options).receive(frame, 1.0).reports


def test_frames_are_those_of_the_manual():
    assert make_frame(1, 2, bytes((10, 10, 10, 0, 1, 2))) == TICKET_012
    assert make_frame(1, 2, bytes((0, 0, 5, 10, 10, 10))) == WAITING_005
    assert make_frame(1, 3, b"") == BEEP
    assert make_frame(1, 0x11, b"\x03") == RATING_3


@pytest.mark.parametrize(
    ("payload", "key", "digits"),
    [
        ("0C", "call", ""),
        ("0D", "recall", ""),
        ("0B", "rate", ""),
        ("0E", "cancel", ""),
        ("0F", "confirm", ""),
        ("11", "line", ""),
        ("12", "pause", ""),
        ("13", "transfer", ""),
        ("06 0F", "no_show", ""),
        ("00 0F", "hold", ""),
        ("03 0F", "resume", ""),
        ("05 0F", "confirm", "5"),
        ("01 02 0C", "call", "12"),
        ("00 01 02 0C", "call", "012"),
        ("02 13", "transfer", "2"),
    ],
)
@pytest.mark.parametrize("command", [0x00, 0x01, 0x04, 0xFF])
def test_every_key_has_its_meaning_whatever_the_command_byte(payload, key, digits, command):
    (report,) = pressed(make_frame(1, command, bytes.fromhex(payload)))
    assert (report.window, report.key, report.digits) == (3, key, digits)


def test_a_press_is_answered_only_when_it_is_on_disk_by_its_own_frame():
    driver = keypad()
    heard = driver.receive(CALL, 1.0)
    assert heard.write == b""
    answer = AnswerKey(device="d", window=3, press=heard.reports[0].press, accepted=True)
    assert driver.perform(answer, 1.1).write == CALL
    assert driver.perform(answer, 1.2).write == b""


def test_a_refused_press_beeps():
    driver = keypad()
    press = driver.receive(CALL, 1.0).reports[0].press
    refused = AnswerKey(device="d", window=3, press=press, accepted=False)
    assert driver.perform(refused, 1.1).write == CALL + BEEP


def test_an_answer_to_a_press_nobody_knows_is_not_sent():
    assert (
        keypad().perform(AnswerKey(device="d", window=3, press="x", accepted=True), 1.0).write
        == b""
    )


def answered(driver, reports, at):
    press = reports[0].press
    return driver.perform(AnswerKey(device="d", window=3, press=press, accepted=True), at).write


def test_a_keypad_that_repeats_itself_acts_once():
    driver = keypad()
    reports = driver.receive(CALL, 1.0).reports
    assert driver.receive(CALL, 1.5).reports == ()
    assert answered(driver, reports, 1.6) == CALL
    unheard = driver.receive(CALL, 2.0)
    assert (unheard.write, unheard.reports) == (CALL, ())
    again = driver.receive(CALL, 2.4).reports
    assert [report.key for report in again] == ["call"]
    assert again[0].press != reports[0].press


def test_two_presses_400_ms_apart_both_count():
    driver = keypad()
    answered(driver, driver.receive(CALL, 1.0).reports, 1.02)
    assert len(driver.receive(CALL, 1.4).reports) == 1


def test_a_keypad_that_never_hears_us_acts_once_however_long_it_repeats():
    driver = keypad()
    answered(driver, driver.receive(CALL, 1.0).reports, 1.02)
    for n in range(1, 40):
        assert driver.receive(CALL, 1.0 + n / 2).reports == ()


def test_a_repeat_may_be_hidden_under_something_else_but_not_under_silence():
    for dirt, acts in ((b"\x55", 0), (b"", 1)):
        driver = keypad()
        answered(driver, driver.receive(CALL, 1.0).reports, 1.02)
        driver.receive(dirt, 1.5) if dirt else None
        kinds = [type(x) for x in driver.receive(CALL, 2.0).reports]
        assert kinds.count(KeyPressed) == acts


def test_two_keypads_may_press_the_same_key_at_once():
    other = make_frame(2, 0x04, b"\x0c")
    reports = keypad().receive(CALL + other, 1.0).reports
    assert [report.window for report in reports] == [3, 4]
    assert reports[0].press != reports[1].press


def test_an_unanswered_press_is_one_press_for_as_long_as_it_repeats_itself():
    driver = keypad()
    reports = driver.receive(CALL, 1.0).reports
    for n in range(1, 100):
        assert driver.receive(CALL, 1.0 + 0.5 * n).reports == (), "the disk takes its time"
    assert answered(driver, reports, 50.6) == CALL


def test_an_unanswered_press_whose_keypad_has_given_up_is_forgotten():
    driver = keypad()
    driver.receive(CALL, 1.0)
    assert driver.receive(CALL, 3.4).reports == ()
    assert len(driver.receive(CALL, 6.0).reports) == 1


def test_a_frame_that_never_ends_is_taken_for_a_press_once_a_minute_at_most():
    driver = keypad()
    presses = [driver.receive(CALL, 0.5 * n).reports for n in range(400)]
    assert 2 <= sum(map(len, presses)) <= 4


def test_an_adapter_that_hears_itself_presses_no_key():
    driver = KeypadRs485(KeypadOptions(windows={1: 3}))
    heard, reports = driver.start(0.0).write, []
    for n in range(20):
        now = 0.02 * n
        reply = driver.receive(heard + (CALL if n == 1 else b""), now)
        reports += reply.reports
        heard = reply.write
        for report in reply.reports:
            heard += answered(driver, [report], now)
    assert [type(report) for report in reports] == [KeyPressed]
    assert heard == b""


@pytest.mark.parametrize(("code", "grade"), [(0, 2), (2, 4), (3, 5)])
def test_a_grade_of_the_wired_pad_is_answered_when_it_is_on_disk(code, grade):
    driver = keypad()
    reply = driver.receive(make_frame(1, 0x11, bytes((code,))), 1.0)
    (report,) = reply.reports
    assert report == Rated(window=3, grade=grade, press=report.press)
    assert reply.write == b""
    assert answered(driver, [report], 1.1) == make_frame(1, 0x01, bytes((code,)))


def test_the_acknowledgement_of_a_grade_is_that_of_the_manual():
    driver = keypad()
    assert answered(driver, driver.receive(RATING_3, 1.0).reports, 1.0) == RATING_3_ACK


def test_a_grade_sent_again_counts_once():
    driver = keypad()
    answered(driver, driver.receive(RATING_3, 1.0).reports, 1.0)
    again = driver.receive(RATING_3, 1.5)
    assert (again.write, again.reports) == (RATING_3_ACK, ())


def test_a_grade_that_comes_too_late_does_not_beep_at_the_clerk():
    driver = keypad()
    press = driver.receive(RATING_3, 1.0).reports[0].press
    refused = AnswerKey(device="d", window=3, press=press, accepted=False)
    assert driver.perform(refused, 1.1).write == RATING_3_ACK


def test_the_raters_default_is_no_grade_unless_declared_real():
    default = make_frame(1, 0x11, b"\x01")
    reply = keypad().receive(default, 1.0)
    assert (reply.reports, reply.write) == ((), make_frame(1, 0x01, b"\x01"))
    assert [report.grade for report in pressed(default, default_is_real=True)] == [3]


def test_the_rater_behind_a_keypad_is_started_where_there_is_one():
    start = make_frame(2, 0x01, b"\x0b")
    driver = keypad(raters=(4,))
    assert driver.perform(AskRating(window=4, label="A001"), 1.0).write == start
    assert driver.perform(AskRating(window=3, label="A001"), 1.0).write == b""


def written(driver, reply, now):
    """What goes out from now on, and when; not what is shown again in quiet times."""
    found = [(now, reply.write)] if reply.write else []
    while reply.wake_at is not None and reply.wake_at < now + AGAIN_S / 2:
        now = reply.wake_at
        reply = driver.wake(now)
        found += [(now, reply.write)] if reply.write else []
    return found


def test_the_keypad_shows_who_waits_and_the_ticket():
    driver = keypad()
    shown = driver.perform(ShowKeypad(window=3, waiting=5, ticket="A012"), 1.0).write
    assert shown == make_frame(1, 2, bytes((0, 0, 5, 0, 1, 2)))
    reply = driver.perform(ShowKeypad(window=4, waiting=1234, ticket=""), 2.0)
    assert reply.write == make_frame(2, 2, bytes((9, 9, 9, 0, 0, 0)))
    again = b"".join(frame for _, frame in written(driver, driver.start(9.0), 9.0))
    assert again.endswith(shown + reply.write)


def test_digits_leave_the_bus_alone_after_an_answer_and_after_one_another():
    driver = keypad()
    reports = driver.receive(CALL, 1.0).reports
    answered(driver, reports, 1.0)
    for window in (3, 4):
        reply = driver.perform(ShowKeypad(window=window, waiting=1, ticket=""), 1.0)
        assert reply.write == b""
    times = [at for at, _ in written(driver, reply, 1.0)]
    assert times == pytest.approx([1.06, 1.12])


def test_a_window_without_a_keypad_here_is_none_of_our_business():
    assert keypad().perform(ShowKeypad(window=9, waiting=1, ticket=""), 1.0).write == b""


@pytest.mark.parametrize(
    "broken",
    [
        CALL[:-2] + b"\x00\x16",
        CALL[:-1] + b"\x17",
        bytes.fromhex("FF 68 03 04 68 01 04 0C 11 16"),
        bytes.fromhex("FF 68 09 09 68") + bytes(9) + b"\x00\x16",
        b"\x00\x80\xff\xff",
    ],
)
def test_a_broken_frame_is_dropped_with_one_fault_and_the_next_is_heard(broken):
    reports = pressed(broken + CALL)
    assert [type(report) for report in reports] == [Fault, KeyPressed]
    assert reports[0].code == "garbage"


def test_half_a_frame_does_not_swallow_the_next_press():
    driver = keypad()
    driver.receive(TICKET_012[:7], 1.0)
    assert [r for r in driver.receive(CALL, 1.0).reports if isinstance(r, KeyPressed)]


def test_a_burst_of_noise_is_one_fault_in_ten_seconds():
    driver = keypad()
    faults = [driver.receive(b"\x55" * 20, at).reports for at in (1.0, 2.0, 10.9, 11.1)]
    assert [len(fault) for fault in faults] == [1, 0, 0, 1]


def test_unknown_keys_and_addresses_are_faults_and_get_no_answer():
    for frame, code in (
        (make_frame(1, 4, b"\x1f"), "unknown_key"),
        (make_frame(1, 4, b"\x0a\x0c"), "unknown_key"),
        (make_frame(7, 4, b"\x0c"), "unknown_address"),
        (make_frame(1, 0x11, b"\x04"), "unknown_rating"),
    ):
        reply = keypad().receive(frame, 1.0)
        assert [report.code for report in reply.reports] == [code]
        assert reply.write == b""


@given(
    cuts=st.lists(st.integers(0, 200), max_size=20),
    noise=st.lists(st.binary(max_size=12), min_size=4, max_size=4),
)
@example(cuts=[], noise=[b"", b"", b"\xff\x68\x08\x08\x68", b""])
@settings(max_examples=300, deadline=None)
def test_presses_are_heard_in_any_fragments_between_any_noise(cuts, noise):
    keys = [b"\x0c", b"\x0d", b"\x06\x0f", b"\x01\x02\x0c"]
    wire = b"".join(n + make_frame(1, 4, key) for n, key in zip(noise, keys, strict=True))
    driver, heard = keypad(), []
    marks = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    for begin, end in itertools.pairwise(marks):
        heard += driver.receive(wire[begin:end], 1.0).reports
    found = [report.key for report in heard if isinstance(report, KeyPressed)]
    assert found == ["call", "recall", "no_show", "call"]


# - the self-test


def wire(twin=None):
    driver = KeypadRs485(KeypadOptions(windows={1: 3}, **(twin or {})))
    return Wired(driver, KeypadRs485Twin({"windows": {1: 3}}))


def by_name(pair):
    return lambda asks: pair.press(window=asks.window, key=asks.step.removeprefix("key:"))


def test_the_self_test_asks_for_each_key_and_measures_the_repeat():
    pair = wire()
    found = pair.selftest("interactive", person=by_name(pair))
    passed = [x.step for x in found if x.result == "passed"]
    assert passed == ["wire", *(f"key:{key}" for key in KEYS.values()), "repeat", "hears"]
    assert "every 0.50 s" in str(found)
    assert pair.heard(KeyPressed) == []
    assert pair.line.twin.state()["windows"]["3"]["pending"] == 0


def test_the_self_test_shows_eights_beeps_and_restores_the_digits():
    pair = wire()
    pair.do(ShowKeypad(window=3, waiting=5, ticket="A012"))
    pair.do(ExerciseDevice(device="dut", level="external"))
    pair.run(1)
    shown = pair.line.twin.state()["windows"]["3"]
    assert (shown["waiting"], shown["ticket"], shown["beeps"]) == ("888", "888", 1)
    pair.until(lambda: pair.heard(TestEnded))
    pair.run(1)
    shown = pair.line.twin.state()["windows"]["3"]
    assert (shown["waiting"], shown["ticket"]) == ("005", "012")


def test_the_self_test_names_a_wrong_setting_and_the_driver_lives_by_the_truth():
    pair = wire({"resend_s": 1.5})
    found = pair.selftest("interactive", person=by_name(pair))
    assert "wrong_setting" in codes(found)
    pair.fault("deaf")
    pair.press(window=3, key="call")
    pair.run(0.1)
    press = pair.heard(KeyPressed)[0].press
    pair.do(AnswerKey(device="dut", window=3, press=press, accepted=True))
    pair.run(5)
    assert len(pair.heard(KeyPressed)) == 1


def test_other_windows_work_on_while_one_keypad_is_tested():
    driver = KeypadRs485(KeypadOptions(windows={1: 3, 2: 4}))
    pair = Wired(driver, KeypadRs485Twin({"windows": {1: 3, 2: 4}}))
    pair.do(ExerciseDevice(device="dut", level="interactive", windows=(3,)))
    pair.run(4)
    pair.press(window=4, key="call")
    pair.press(window=3, key="pause")
    pair.run(0.2)
    assert [(p.window, p.key) for p in pair.heard(KeyPressed)] == [(4, "call")]


def test_a_key_nobody_presses_is_named_and_the_others_are_not_waited_for():
    pair = wire()
    begun = pair.now
    found = pair.selftest("interactive", person=None)
    assert codes(found) == {"no_press", "no_question"}
    assert pair.now - begun < 40


@pytest.mark.parametrize("fault", [*LINE_FAULTS, *KeypadRs485Twin.FAULTS, "unplug"])
def test_the_self_test_names_each_fault(fault):
    pair = wire()
    pair.fault(fault)
    pair.run(1)
    assert named(fault, pair.selftest("interactive", person=by_name(pair)))


def test_digits_that_were_lost_on_the_line_are_shown_again_by_themselves():
    """No keypad says what it has heard: `hallctl simulate --seed 105` found one that was stale."""
    windows = dict(zip(range(1, 10), range(1, 10), strict=True))
    driver = KeypadRs485(KeypadOptions(windows=windows))
    twin = KeypadRs485Twin({"windows": windows})
    now, wake_at = 100.0, 100.0

    def takes(reply, *, lost=False):
        nonlocal wake_at
        wake_at = reply.wake_at if reply.wake_at is not None else wake_at
        if not lost:
            twin.receive(reply.write, now)

    takes(driver.start(now))
    for window in windows:
        takes(driver.perform(ShowKeypad(window=window, waiting=3, ticket="007"), now), lost=True)
    while now < 130.0:
        now = max(now + 0.001, wake_at)
        takes(driver.wake(now), lost=now < 102.0)
    assert {w["ticket"] for w in twin.state()["windows"].values()} == {"007"}
    assert {w["waiting"] for w in twin.state()["windows"].values()} == {"003"}


def test_a_rater_is_started_when_the_bus_has_been_left_alone_behind_an_answer():
    """A second press that waits in the keypad comes right behind the answer to the first."""
    driver = keypad(raters=(3,))
    reports = driver.receive(CALL, 1.0).reports
    start = make_frame(1, ACK, START_RATING)
    assert answered(driver, reports, 1.1) == CALL
    waits = driver.perform(AskRating(window=3, label="A001"), 1.1)
    assert waits.write == b""
    assert waits.wake_at == pytest.approx(1.1 + GAP_S)
    assert driver.wake(waits.wake_at).write == start
    assert driver.perform(AskRating(window=3, label="A001"), 5.0).write == start, "a free bus"
