"""The hall's own slips on every kind of printer: all of it understood, and few bytes."""

from dataclasses import replace

import pytest

from drivers.escpos import EscposOptions
from drivers.escpos.profiles import PROFILES
from drivers.escpos.typeset import Typesetter
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core.slip import Code, Line, Slip
from hallctl.simulator.twins.escpos import EscposTwin
from sample import Bench

PAYLOAD = "HALL:20261123:B001:5f3a9c"


def ticket(*more):
    """The slip the core makes for a priority ticket with its list of materials, and a code."""
    bench = Bench()
    bench.ask(c.IssueTicket(item="SB01", kiosk="kiosk-1", klass="priority"))
    (order,) = [effect for effect in bench.effects if isinstance(effect, f.PrintSlip)]
    return Slip((*order.slip.parts, *more, Code(PAYLOAD)))


def texts(slip):
    return [part.text for part in slip.parts if isinstance(part, Line)]


OPTIONS = [
    *({"profile": name} for name in PROFILES),
    {"paper_mm": 58},
    {"profile": "snbc", "paper_mm": 58},
    {"encoding": "utf8"},
    {"encoding": "utf8", "profile": "epson"},
    {"latin": "cp850", "logo": 1},
    {"cut": "full", "logo": 12, "logo_command": "GS ( L"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_every_kind_of_printer_understands_every_byte_of_a_ticket(options):
    chosen = EscposOptions(**options)
    slip = ticket(Line("王㐂，Größe，收费¥5"))
    twin = EscposTwin(chosen.model_dump(mode="json"))
    twin.receive(Typesetter(chosen).slip(slip), 0.0)
    state = twin.state()
    assert (state["unknown"], state["buffered"], state["cuts"]) == ([], 0, 1)
    (paper,) = state["slips"]
    read = "".join(paper["text"])
    # Rows are broken where the paper ends and their outer spaces fall away.
    read = read.replace(" ", "")
    for text in texts(slip)[:-1]:
        assert text.replace(" ", "") in read
    assert paper["cut"] == chosen.cut
    assert paper["qr"] == (PAYLOAD if chosen.qr == "native" else "")
    drawn = 1 + (chosen.logo > 0) + (chosen.qr == "raster")
    assert len(paper["images"]) == drawn, "the line with the rare character, and no other"


@pytest.mark.parametrize("options", [o for o in OPTIONS if o.get("profile") != "clone"])
def test_the_halls_ticket_of_fifteen_lines_with_its_code_stays_under_1_kib(options):
    slip = ticket()
    assert len(texts(slip)) >= 14
    made = Typesetter(EscposOptions(**options)).slip(slip)
    assert len(made) < 1024
    assert b"\x1dv0" not in made


def test_letters_outside_the_hanzi_are_text_where_there_is_a_code_page():
    slip = ticket(Line("Größe 号"))
    for latin, drawn in (("none", True), ("cp1252", False)):
        chosen = EscposOptions(latin=latin)
        made = Typesetter(chosen).slip(slip)
        assert (b"\x1dv0" in made) == drawn
        twin = EscposTwin(chosen.model_dump(mode="json"))
        twin.receive(made, 0.0)
        (paper,) = twin.state()["slips"]
        assert ("Größe 号" in paper["text"]) != drawn


def test_the_last_ticket_of_58_mm_paper_is_as_wide_as_the_paper():
    slip = ticket()
    narrow = EscposOptions(paper_mm=58)
    twin = EscposTwin(narrow.model_dump(mode="json"))
    parts = [replace(p, align="right") if isinstance(p, Line) else p for p in slip.parts]
    twin.receive(Typesetter(narrow).slip(Slip(tuple(parts))), 0.0)
    (paper,) = twin.state()["slips"]
    assert paper["width"] == 384
