"""Names of any letters there are: on paper, strips, pads and in the voice only text arrives.

hall.yaml and catalogue.yaml refuse what no name has (tests/config); here such names have come in
all the same, and each device's twin must find nothing but sound orders and letters.
"""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from every_driver import DEVICE, TWINNED, make, serve, wired
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core.slip import Code, Line, Slip
from hallctl.core.speech import Sentence
from sample import RULES, Bench

WORST = "\x1b@\x1dV\x00\x10\x14\x01\x1bp\x00\u202e\u200d\ufeff\x9b\x85\ud800赤坭\U0001f600"
SIGNS = st.sampled_from(WORST + "\r\n\t\x16\xa5\xae<>[]")
NAMES = st.text(max_size=40) | st.text(SIGNS, max_size=40)
MANY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
TEXTUAL = {"PrintSlip", "ShowStrip", "ShowKeypad", "Announce", "AskRating"}
SHOWS = [n for n in TWINNED if {kind.__name__ for kind in make(n).takes} & TEXTUAL]
PRINTER = "escpos"


def order(name, text):
    """The effect with free text that a driver takes."""
    window = next(iter(make(name).windows()), 1)
    sentence = Sentence("mandarin", ("letter-a", "0"), text)
    samples = (
        f.PrintSlip(printer=DEVICE, job="j", slip=Slip(parts=(Line(text), Code(text[:20])))),
        f.ShowStrip(window=window, state="call", texts=(text, text[:4])),
        f.ShowKeypad(window=window, waiting=7, ticket=text),
        f.Announce(
            device=DEVICE, announcement="one", window=window, chime="full",
            sentences=(sentence,), volume=80,
        ),
        f.AskRating(window=window, label=text),
    )  # fmt: skip
    return [sample for sample in samples if isinstance(sample, make(name).takes)]


def complaints(state):
    """What a twin did not understand, wherever it stands in its state."""
    found = []
    if isinstance(state, dict):
        for key, value in state.items():
            found += list(value) if key in ("unknown", "bad") else complaints(value)
    return found


def letters(state):
    """Every letter a person could see or hear."""
    if isinstance(state, dict):
        return "".join(letters(v) for k, v in state.items() if k != "hex")
    if isinstance(state, list | tuple):
        return "".join(letters(v) for v in state)
    return state if isinstance(state, str) else ""


def controls(text):
    return {ch for ch in text if unicodedata.category(ch) in ("Cc", "Cs")}


@pytest.mark.parametrize("name", SHOWS)
@MANY
@given(text=NAMES)
@example(text=WORST)
@example(text="")
def test_no_name_is_an_order_to_a_device(name, text):
    pair = wired(name)
    before = complaints(pair.line.twin.state())
    for one in order(name, text):
        pair.do(one)
        serve(pair, 2)
    state = pair.line.twin.state()
    assert complaints(state) == before, "the device was told something that is no order"
    assert controls(letters(state)) == set()


def odd_hall(text):
    """The sample hall, every name of it the same odd one."""
    materials = tuple(replace(m, name=text) for m in RULES.items[0].materials)
    item = replace(RULES.items[0], name=text, materials=materials)
    queues = tuple(replace(q, name=text, name_en=text, short=text) for q in RULES.queues)
    windows = tuple(replace(w, name=text, name_en=text, short=text) for w in RULES.windows)
    return replace(
        RULES, hall=text, hall_en=text, seal=text[:4], queues=queues, windows=windows, items=(item,)
    )


@MANY
@given(text=NAMES)
@example(text=WORST)
@example(text="赤" * 500)
def test_a_ticket_with_such_names_is_one_slip_with_one_cut_and_no_other_order(text):
    bench = Bench(odd_hall(text))
    bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1", item="SB01"))
    (slip,) = [x.slip for x in bench.effects if isinstance(x, f.PrintSlip)]
    pair = wired(PRINTER)
    cuts = pair.line.twin.state()["cuts"]
    pair.do(f.PrintSlip(printer=DEVICE, job="j", slip=slip))
    serve(pair, 3)
    state = pair.line.twin.state()
    assert (state["unknown"], state["cuts"], state["uncut"]) == ([], cuts + 1, [])
    assert any("001" in line for line in state["slips"][-1]["text"]), "the number is on it"
    assert controls(letters(state)) == set()
