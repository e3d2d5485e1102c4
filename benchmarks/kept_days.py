"""Journals to start from: none, a day, and the days of five years; made once and kept in /tmp.

The day is one of 500 visits with every device of devices.yaml, lived through by the simulator. The
five years are 1,250 working days: of each but the last, the first 700 events of that day under
another date (the whole of them would be 4 GB), chained anew; the last is the whole day.
"""

import re
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import apsw

from hallctl.chain import GENESIS, chained
from hallctl.config.load import load
from hallctl.device import driver_class
from hallctl.journal import Journal
from hallctl.simulator.day import Day, VirtualHall
from running import ROOT

MONDAY = date(2026, 11, 23)
EVENING_S = 17 * 3600 + 50 * 60
"""When the start is measured: the day is over and not yet another one."""
VISITS = 500
DAYS = 1250
EVENTS_OF_A_DAY = 700
KEPT = Path(tempfile.gettempdir()) / "hallctl-bench"
_SEQ = re.compile(rb'"seq":\d+')


def day() -> Path:
    """A state folder with one day."""
    kept = KEPT / f"day-{VISITS}"
    if not kept.exists():
        made = KEPT / "made"
        shutil.rmtree(made, ignore_errors=True)
        config = load(ROOT, driver_class=driver_class)
        hall = VirtualHall(config, made, MONDAY.isoformat(), seed=7)
        Day(hall, VISITS).run()
        hall.close()
        made.rename(kept)
    return kept


def years() -> Path:
    """A state folder with the days of five years, the last of them `day()`."""
    kept = KEPT / f"years-{DAYS}-{EVENTS_OF_A_DAY}"
    if not kept.exists():
        made = KEPT / "made"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        _fill(made)
        made.rename(kept)
    return kept


def _fill(folder: Path) -> None:
    """Write the rows as the journal would have; then the journal itself puts its mark."""
    source = apsw.Connection(str(day() / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    whole = source.execute("SELECT type, body FROM events ORDER BY seq").fetchall()
    answers = source.execute("SELECT * FROM answers").fetchall()
    numbers = source.execute("SELECT queue, number FROM numbers").fetchall()
    Journal(folder).close()
    db = apsw.Connection(str(folder / "journal.db"))
    db.execute("PRAGMA synchronous=OFF")
    seq, head, last = 0, GENESIS, MONDAY.isoformat().encode()
    for number in range(DAYS):
        that = (MONDAY - timedelta(days=DAYS - 1 - number)).isoformat()
        rows = []
        for word, body in whole if number == DAYS - 1 else whole[:EVENTS_OF_A_DAY]:
            seq += 1
            dated = _SEQ.sub(b'"seq":%d' % seq, body.replace(last, that.encode()), count=1)
            head = chained(head, seq, dated)
            rows.append((seq, word, dated, head))
        with db:
            db.executemany("INSERT INTO events VALUES(?,?,?,?)", rows)
            db.executemany("INSERT INTO numbers VALUES(?,?,?)", [(that, *one) for one in numbers])
    with db:
        marks = ",".join("?" * len(answers[0]))
        db.executemany(f"INSERT INTO answers VALUES({marks})", answers)
    db.close()
    journal = Journal(folder)
    highest = journal.highest_numbers(MONDAY.isoformat())
    journal.mark.advance(journal.seq, journal.epoch, highest, MONDAY.isoformat())
    journal.close()
