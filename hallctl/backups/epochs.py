"""A new epoch is said by the first start in it."""

from hallctl.core.events import EpochBegun
from hallctl.journal import Journal
from hallctl.texts import say

RESTORE = "restore"
"""The reason of an epoch that began with a backup."""


def new_epoch(journal: Journal) -> EpochBegun | None:
    """How the present epoch began, when the journal ends with that: the first start in it.

    None for a journal's very first epoch. Raises JournalError's kin as `Journal.since` does.
    """
    last = journal.since(journal.seq - 1, 1)
    event = last[0].event if last else None
    return event if isinstance(event, EpochBegun) and event.reason != "new" else None


def epoch_words(begun: EpochBegun) -> str:
    """What is to be said of it, in both languages."""
    numbers = " ".join(f"{queue}{number:03d}" for queue, number in sorted(begun.numbers.items()))
    key = "backup.epoch_restore" if begun.reason == RESTORE else "backup.epoch_loss"
    return " / ".join(say(language, key, numbers=numbers or "-") for language in ("zh", "en"))
