"""A window terminal in 20 lines: `window_terminal.py PLACE WINDOW`; Enter calls the next number.

PLACE is a key file (window-3.hallkey) on any machine, or the bus folder on the hall's own.
"""

import sys
from pathlib import Path

from hallctl.asked import NoAnswer
from hallctl.client import HallClient
from hallctl.core.commands import CallNext, Finish, MarkNoShow, Recall, Start

place, window = sys.argv[1], int(sys.argv[2])
acts = {"": CallNext, "s": Start, "f": Finish, "r": Recall, "m": MarkNoShow}
outbox = Path(f"window-{window}.outbox")
with HallClient.at(place, "window", f"window-{window}", outbox=outbox) as hall:
    for before in hall.unanswered():  # asked by a terminal that died before it heard
        print("earlier:", before.command, before.answer or "not known")
    for line in sys.stdin:
        try:
            answer = hall.do(acts[line.strip()](window=window))
            print(answer.result.get("label", "OK") if answer.ok else answer.words["zh"])
        except KeyError:
            print("Enter s f r m")
        except NoAnswer as nobody:
            print(hall.trouble.words("zh") or nobody)
        sys.stdout.flush()
