"""Pre-printed numbers in the journal: through restarts, backups, restores and losses."""

import apsw
import pytest

from hallctl.backups.copying import backup
from hallctl.backups.planning import plan
from hallctl.backups.restoring import restore
from hallctl.backups.trouble import BackupError
from hallctl.chain import verify
from hallctl.core import commands as c
from hallctl.core.step import Step
from hallctl.repair import accept_loss
from kept_journals import Kept, next_start
from sample import NINE

DAY = "2026-11-23"


def entering(label, **more):
    return c.EnterPreprinted(label=label, came_day_s=NINE + 720, **more)


def enter(kept, *labels):
    for label in labels:
        assert kept.bench.ask(entering(label)).answer["ok"]
    kept.store()


def goes_on(kept, command):
    """What the hall answers after its next start; stored as the daemon stores it."""
    hall, journal = next_start(kept.state)
    outcome = Step(hall, hall.epoch)(c.Asked("next", "test", command), kept.bench.now)
    journal.append(outcome.recorded, [], hall.day)
    journal.close()
    return outcome.answer


@pytest.fixture
def kept(tmp_path):
    """A hall that gave A001 to A003, then A905 and A999 were entered."""
    kept = Kept(tmp_path / "s")
    kept.issue(3)
    enter(kept, "A905", "A999")
    return kept


def test_a_restart_knows_them_and_goes_on_below_them(kept):
    life = kept.bench.hall
    kept.close()
    hall, journal = next_start(kept.state)
    assert hall.visits == life.visits
    assert (journal.highest_numbers(DAY), journal.mark.numbers) == ({"A": 3}, {"A": 3})
    journal.close()
    assert goes_on(kept, c.IssueTicket(queue="A"))["result"]["label"] == "A004"
    assert goes_on(kept, entering("A905"))["code"] == "entered_already"


def test_after_a_restore_numbers_go_on_above_the_kiosks_not_above_the_paper(kept, tmp_path):
    (tmp_path / "stick").mkdir()
    file = backup(kept.state, tmp_path / "stick", 9).file
    kept.issue(2)
    enter(kept, "A906")
    kept.close()
    assert plan(kept.state, file).beyond() == {"A": ("A004", "A005")}
    restore(kept.state, file)
    assert verify(kept.state)[0]
    hall, journal = next_start(kept.state)
    journal.close()
    assert hall.numbers == {"A": 5}
    assert {v.label for v in hall.visits.values() if v.entered_s} == {"A905", "A999"}
    assert goes_on(kept, c.IssueTicket(queue="A"))["result"]["label"] == "A006"


def test_what_a_restore_has_lost_is_entered_from_the_same_paper_again(kept, tmp_path):
    (tmp_path / "stick").mkdir()
    file = backup(kept.state, tmp_path / "stick", 9).file
    enter(kept, "A906")
    kept.close()
    restore(kept.state, file)
    assert goes_on(kept, entering("A905"))["code"] == "entered_already"
    assert goes_on(kept, entering("A906"))["ok"]
    assert verify(kept.state)[0]


def test_what_was_lost_with_a_damaged_end_is_entered_again(kept):
    kept.close()
    db = apsw.Connection(str(kept.state / "journal.db"))
    last = db.execute("SELECT max(seq) FROM events WHERE type='PreprintedEntered'").fetchone()[0]
    db.execute("UPDATE events SET body=body||' ' WHERE seq=?", (last,))
    db.close()
    accept_loss(kept.state)
    assert goes_on(kept, entering("A905"))["code"] == "entered_already"
    assert goes_on(kept, entering("A999"))["ok"]
    assert goes_on(kept, c.IssueTicket(queue="A"))["result"]["label"] == "A004"


def test_a_number_read_off_paper_that_the_hall_never_gives_is_no_last_number(kept, tmp_path):
    (tmp_path / "stick").mkdir()
    file = backup(kept.state, tmp_path / "stick", 9).file
    kept.close()
    with pytest.raises(BackupError, match="A905"):
        plan(kept.state, file, ["A905"])
    assert plan(kept.state, file, ["A1000"]).above == {"A": 1000}
