"""Events as lines of CSV or JSON, for tools that read the journal beside a running hall."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

import apsw

COLUMNS = ("seq", "wall_s", "epoch", "actor", "command", "type", "event")


def rows(db: apsw.Connection, *, as_csv: bool, last: int = 0) -> Iterator[str]:
    """Events as lines of CSV (with a head) or JSON, the `last` ones only when that is not 0.

    Read in one transaction, so that a running hall does not move beneath it.
    """
    query = "SELECT body FROM events ORDER BY seq"
    if last:
        top = "SELECT seq, body FROM events ORDER BY seq DESC LIMIT ?"
        query = f"SELECT body FROM ({top}) ORDER BY seq"  # noqa: S608 - no text from outside
    bodies = db.execute(query, (last,) if last else ())
    if as_csv:
        yield csv_line(COLUMNS)
    for (body,) in bodies:
        if not as_csv:
            yield body.decode() + "\n"
            continue
        found = json.loads(body)
        word = found["event"].pop("type")
        event = json.dumps(found["event"], ensure_ascii=False)
        yield csv_line([*(found[c] for c in COLUMNS[:5]), word, event])


def csv_line(cells: Iterable[object]) -> str:
    """One line of CSV; a cell that a spreadsheet would take for a formula is defused."""
    text = io.StringIO()
    safe = [f"'{c}" if str(c).startswith(("=", "+", "@", "\t")) else c for c in cells]
    csv.writer(text, lineterminator="\n").writerow(safe)
    return text.getvalue()
