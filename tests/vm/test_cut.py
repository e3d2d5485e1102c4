"""The machine's power was cut while it gave numbers, and it has been switched on again.

Nobody has typed anything since. What residents had been told lies outside of it.
"""

import json

import pytest

from running import RawAsker
from vm import machine
from vm.loading import AT_ONCE
from vm.machine import SHARED, SLOW_S, STATE, hallctl, is_up, number_of, ticket, waited


@pytest.fixture(scope="module")
def acknowledged():
    """(asker, command's id, queue, label) of each number that somebody was told."""
    # The last line may be half a line: its asker had not gone on.
    lines = (SHARED / "acknowledged").read_text().rpartition("\n")[0].splitlines()
    assert len(lines) >= 100
    return [line.split() for line in lines]


def test_the_hall_came_back_by_itself(acknowledged):
    waited(machine.is_active)
    highest = max(number_of(label) for *_, queue, label in acknowledged if queue == "A")
    # What was written down and not yet told may be there too.
    assert highest < number_of(ticket()) <= highest + 1 + AT_ONCE
    machine.well()
    for unit in machine.enabled():
        waited(lambda name=unit: is_up(name))


def test_every_number_that_was_told_is_its_holders_still(acknowledged):
    askers = {}
    for name, word, queue, label in acknowledged:
        if name not in askers:
            askers[name] = RawAsker(STATE / "bus", name=name)
        answer = askers[name].ask(word, {"type": "IssueTicket", "queue": queue}, SLOW_S)
        assert answer["result"]["label"] == label
    for asker in askers.values():
        asker.close()


def test_no_number_was_given_twice_and_the_chain_holds(acknowledged):
    assert "event" in hallctl("journal", "verify")
    rows = [json.loads(line) for line in hallctl("journal", "export", "--json").splitlines()]
    given = [row["event"]["label"] for row in rows if row["event"]["type"] == "TicketIssued"]
    assert len(given) == len(set(given))
    told = [label for *_, label in acknowledged]
    assert len(told) == len(set(told))
    assert set(told) <= set(given)
    print(f"{len(told)} numbers were told, {len(given)} are in the journal of {len(rows)} events")
