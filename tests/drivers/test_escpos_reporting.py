"""A printer that speaks of itself (ASB), and one that goes on after it had stopped in a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.escpos import EscposOptions, EscposPrinter
from drivers.escpos.status import Sorter, by_report, cause
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.slip import Line, Slip
from hallctl.simulator.twins.escpos import EscposTwin
from wired import Wired

SLIP = Slip((Line("您的号码"), Line("A001", scale=4)))


def printer(twin=None, **options):
    chosen = EscposOptions(**options)
    pair = Wired(
        EscposPrinter(chosen), EscposTwin(chosen.model_dump(mode="json") | (twin or {})), name="p"
    )
    pair.run(2)
    return pair


def ask(pair, job="j1"):
    pair.do(f.PrintSlip(printer="p", job=job, slip=SLIP))


def send(pair, job="j1"):
    pair.until(lambda: r.SlipReady(job=job) in pair.reports)
    pair.do(f.SendSlip(printer="p", job=job))


def ends(pair):
    kinds = r.SlipPrinted | r.SlipDoubtful
    found = [report for report in pair.reports if isinstance(report, kinds)]
    return [(type(report).__name__, report.job, getattr(report, "reason", "")) for report in found]


def said(pair, since):
    return [(c.part, c.state) for c in pair.reports[since:] if isinstance(c, r.Condition)]


def test_a_printer_that_reports_is_known_at_once_and_asked_less():
    quiet, reporting = printer(), printer(profile="epson")
    asked = []
    for pair in (quiet, reporting):
        before = pair.device.bytes_out
        pair.run(60)
        asked.append(pair.device.bytes_out - before)
        before = len(pair.reports)
        pair.press(do="open")
        pair.run(0.15)
        asked.append(("cover", "open") in said(pair, before))
    assert asked[0] > 3 * asked[2]
    assert (asked[1], asked[3]) == (False, True)


def test_a_report_in_the_midst_of_a_slip_does_not_end_it_unless_it_is_of_trouble():
    pair = printer(profile="epson", twin={"lines_s": 2})
    ask(pair)
    send(pair)
    pair.fault("paper_low")
    pair.run(1)
    assert ends(pair) == []
    pair.run(5)
    assert ends(pair) == [("SlipPrinted", "j1", "")]


def test_trouble_that_is_reported_makes_a_slip_doubtful_before_the_patience_ends():
    pair = printer(profile="epson", twin={"lines_s": 2})
    ask(pair)
    send(pair)
    pair.run(0.5)
    pair.press(do="open")
    pair.run(1)
    assert ends(pair) == [("SlipDoubtful", "j1", "cover_open")]


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cutter_error", "error", "offline"])
def test_a_slip_that_was_stopped_says_the_cause_and_is_printed_after_all_when_the_rest_comes(fault):
    pair = printer(twin={"lines_s": 4})
    ask(pair)
    send(pair)
    pair.fault(fault)
    ask(pair, "j2")
    pair.run(15)
    assert ends(pair) == [("SlipDoubtful", "j1", fault)]
    pair.fault(fault, on=False)
    pair.run(0.3)
    assert r.SlipReady(job="j2") not in pair.reports, "the first one may still be under way"
    send(pair, "j2")
    pair.run(5)
    assert ends(pair)[1:] == [("SlipPrinted", "j1", ""), ("SlipPrinted", "j2", "")]
    assert pair.line.twin.state()["cuts"] == 2


def test_the_late_answer_of_one_slip_never_proves_the_next():
    """The first answers its fence when the cover is shut; by then the next one is asked for."""
    pair = printer(twin={"lines_s": 1})
    ask(pair)
    send(pair)
    pair.press(do="open")
    ask(pair, "j2")
    pair.run(12)
    pair.press(do="close")
    pair.until(lambda: r.SlipReady(job="j2") in pair.reports)
    pair.fault("cover_open")
    pair.do(f.SendSlip(printer="p", job="j2"))
    pair.run(15)
    assert ends(pair)[-1] == ("SlipDoubtful", "j2", "cover_open")
    assert sum("A001" in slip["text"] for slip in pair.line.twin.state()["slips"]) == 1


def test_after_a_wire_that_went_in_a_slip_its_half_is_cut_off_before_the_next():
    pair = printer()
    ask(pair)
    pair.until(lambda: r.SlipReady(job="j1") in pair.reports)
    whole, taken = pair.link.write, []

    def half(payload):
        if payload.startswith(b"\x1b@"):
            taken.append(whole(payload[:20]))
            pair.fault("unplug")
            return 20
        return whole(payload)

    pair.link.write = half
    pair.do(f.SendSlip(printer="p", job="j1"))
    pair.run(1)
    assert ends(pair) == [("SlipDoubtful", "j1", "unplugged")], "said while the wire is still gone"
    pair.link.write = whole
    pair.fault("unplug", on=False)
    ask(pair, "j2")
    send(pair, "j2")
    pair.run(5)
    assert ends(pair)[1:] == [("SlipPrinted", "j2", "")]
    texts = [slip["text"] for slip in pair.line.twin.state()["slips"]]
    assert texts == [["您的号码"], ["您的号码", "A001"]]


def test_a_byte_on_a_wire_plugged_in_again_does_not_prove_the_slip_that_was_on_its_way():
    """A plug that is pushed in makes such bytes of its own."""
    pair = printer(twin={"lines_s": 1})
    ask(pair)
    send(pair)
    pair.fault("unplug")
    pair.run(1)
    pair.fault("unplug", on=False)
    pair.until(lambda: pair.device.is_open)
    pair.link.arrive(b"\x00")
    pair.run(20)
    assert ends(pair) == [("SlipDoubtful", "j1", "unplugged")]


def test_how_long_the_slip_is_comes_with_its_end():
    pair = printer()
    ask(pair)
    send(pair)
    pair.run(3)
    (printed,) = pair.heard(r.SlipPrinted)
    (slip,) = pair.line.twin.state()["slips"]
    assert abs(printed.length_mm - slip["height"] / 8 - EscposOptions().knife_mm) <= 1


def test_a_report_of_four_bytes_is_read_whole_in_any_pieces_and_no_part_of_it_is_a_fence():
    stream = bytes.fromhex("12 38 00 13 0F 00 12 10 00 00 00 00")
    whole = Sorter().words(stream)
    kinds = [kind for kind, _ in whole]
    assert kinds == ["answer", "asb", "answer", "asb", "fence"]
    sorter = Sorter()
    assert [word for byte in stream for word in sorter.words(bytes((byte,)))] == whole


@pytest.mark.parametrize(
    ("report", "states"),
    [
        ("10 00 00 00", ("ok", "closed", "ready")),
        ("10 00 03 00", ("low", "closed", "ready")),
        ("18 00 0F 00", ("out", "closed", "offline")),
        ("38 00 00 00", ("ok", "open", "offline")),
        ("18 08 00 00", ("ok", "closed", "error")),
        ("18 20 00 00", ("ok", "closed", "error")),
    ],
)
def test_the_bits_of_a_report(report, states):
    assert tuple(by_report(bytes.fromhex(report)).values()) == states


def test_the_cause_names_the_cutter_where_the_printer_does():
    ready = {"paper": "ok", "cover": "closed", "state": "error"}
    assert cause(ready, {3: 0x1A}) == "cutter_error"
    assert cause(ready, {3: 0x32}) == "error"


@given(st.lists(st.binary(max_size=8), max_size=20))
def test_a_name_or_a_report_that_never_ends_takes_no_room(pieces):
    sorter = Sorter(named=True)
    sorter.words(b"\x5f" + b"".join(pieces) + b"x" * 200)
    assert not sorter.named, "given up after eighty letters"
    assert sorter.words(b"\x12") == [("answer", b"\x12")]
