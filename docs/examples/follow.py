"""Snapshot and events as one iterator, for asyncio: `follow.py PLACE [ROLE]`.

PLACE is a key file, or the bus folder on the hall's own machine (then ROLE, such as screen, too).
"""

import asyncio
import sys

from hallctl.client_async import AsyncHallClient
from hallctl.connecting import Trouble
from hallctl.core.events import Recorded
from hallctl.mirror import Fresh, Snapshot, Stale
from hallctl.talking import Clock


async def main(place: str, role: str = "") -> None:
    """Print what happens in the hall, until it is stopped."""
    async with AsyncHallClient.at(place, role, "follow") as hall:
        async for change in hall.follow():
            match change:
                case Snapshot():
                    called = {w.number: w.visit for w in hall.hall.windows.values() if w.visit}
                    print(f"{hall.hall.day}: event {change.seq}, at the windows: {called}")
                case Recorded(event=event):
                    print(f"{change.seq}: {event}")
                case Stale():
                    print(f"silent since {change.since_s:.0f}: what is shown may be old")
                case Fresh():
                    print("heard again, nothing is missing")
                case Trouble():
                    print(change.words("en") or "connected")
                case Clock():
                    print(f"the clock here is {change.off_s:.0f} s ahead of the hall's")
            sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
