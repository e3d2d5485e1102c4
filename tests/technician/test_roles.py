"""Who may ask what, and for which place."""

import pytest

from hallctl.core import commands as c
from hallctl.roles import MAY, Standing, another_windows, refusal, standing_of
from sample import Bench


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("window:3", Standing("window", "3")),
        ("window:03", Standing("window", "3")),
        ("pad:12", Standing("pad", "12")),
        ("kiosk:kiosk-1", Standing("kiosk", "kiosk-1")),
        ("screen:hall-1", Standing("screen", "hall-1")),
        ("guide", Standing("guide")),
        ("supervisor", Standing("supervisor")),
    ],
)
def test_a_role_is_written_with_its_place(text, standing):
    assert standing_of(text) == standing
    assert standing_of(str(standing)) == standing


@pytest.mark.parametrize(
    "text",
    ["", "clerk", "window", "window:", "window:0", "window:x", "window:٣", "kiosk", "kiosk:A b",
     "screen:-", "guide:3", "supervisor:1", "window:1000"],
)  # fmt: skip
def test_what_is_no_role_is_refused_with_what_would_be_right(text):
    with pytest.raises(ValueError, match=r"."):
        standing_of(text)


def test_a_window_acts_for_itself_only():
    mine = standing_of("window:3")
    assert refusal(mine, c.CallNext(window=3)) == ""
    assert refusal(mine, c.CallNext(window=4)) == "not_yours"
    assert refusal(mine, c.AskHelp(place="window-3")) == ""
    assert refusal(mine, c.AskHelp(place="window-4")) == "not_yours"
    assert refusal(mine, c.IssueTicket(queue="A")) == "not_allowed"
    assert refusal(mine, c.ReportShown(screen="window-3", shown=1)) == ""
    assert refusal(mine, c.ReportShown(screen="hall", shown=1)) == "not_yours"


def test_a_kiosk_takes_numbers_for_itself_only():
    mine = standing_of("kiosk:kiosk-1")
    assert refusal(mine, c.IssueTicket(queue="A", kiosk="kiosk-1")) == ""
    assert refusal(mine, c.IssueTicket(queue="A", kiosk="kiosk-2")) == "not_yours"
    assert refusal(mine, c.Reprint(visit="v", kiosk="kiosk-2")) == "not_yours"
    assert refusal(mine, c.AskHelp(place="kiosk-2")) == "not_yours"


def test_a_pad_rates_at_its_own_window_only():
    mine = standing_of("pad:3")
    assert refusal(mine, c.Rate(window=3, grade=5)) == ""
    assert refusal(mine, c.Rate(window=2, grade=5)) == "not_yours"


def test_a_local_socket_holds_its_role_for_every_place():
    assert refusal(Standing("window"), c.CallNext(window=7)) == ""
    assert refusal(Standing("guide"), c.CallNext(window=7)) == ""
    assert refusal(Standing("web"), c.CallNext(window=7)) == "not_allowed"


def test_nobody_but_a_pad_rates():
    assert [role for role, may in MAY.items() if "Rate" in may] == ["pad"]


def test_who_stands_before_residents_follows_public_events_only():
    public = {role for role in MAY if Standing(role).audience == "public"}
    assert public == {"kiosk", "screen", "pad"}


def test_a_windows_key_changes_a_visit_at_its_own_window_only():
    bench = Bench()
    visits = []
    for window in (1, 2):
        visits.append(bench.ask(c.IssueTicket(queue="A")).answer["result"]["visit"])
        bench.ask(c.CallNext(window=window))
    mine, another = visits
    key = standing_of("window:1")
    for command in (c.SetItem(visit=mine, item="SB01"), c.AddMatter(visit=mine, item="SB01")):
        assert not another_windows(key, command, bench.hall)
    for command in (c.SetItem(visit=another, item="SB01"), c.AddMatter(visit="A002", item="SB01")):
        assert another_windows(key, command, bench.hall)
    assert not another_windows(Standing("window"), c.SetItem(visit=another, item="x"), bench.hall)
