"""What a power cut may leave of what was written and not yet synced. Pure: bytes in, bytes out."""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

SECTOR_BYTES = 512

How = Literal["nothing", "prefix", "subset", "all"]
HOWS: tuple[How, ...] = ("nothing", "prefix", "subset", "all")
"""nothing: only what was synced. prefix: the first changes, the last of them torn at any byte.
subset: any sectors, in any order. all: as if everything had been synced."""


class Change(NamedTuple):
    """One write, or one truncate (`new` is None, `offset` the new size), and how to undo it."""

    offset: int
    new: bytes | None
    old: bytes
    """What stood there; for a truncate, what it cut off."""
    size: int
    """Bytes in the file before."""


def before(current: bytes, changes: Sequence[Change]) -> bytearray:
    """The file as it was before these changes, the newest undone first."""
    image = bytearray(current)
    for change in reversed(changes):
        if change.new is None:
            del image[min(change.offset, change.size) :]
            image += change.old
        else:
            image[change.offset : change.offset + len(change.old)] = change.old
            del image[change.size :]
    return image


def remains(current: bytes, changes: Sequence[Change], how: How, chance: random.Random) -> bytes:
    """What is found after a power cut in a file that is `current` now."""
    if how == "all" or not changes:
        return current
    image = before(current, changes)
    if how == "prefix":
        kept = chance.randint(0, len(changes))
        for change in changes[:kept]:
            _carry_out(image, change.offset, change.new)
        if kept < len(changes):
            torn = changes[kept]
            if torn.new is not None:
                _carry_out(image, torn.offset, torn.new[: chance.randint(0, len(torn.new))])
    elif how == "subset":
        pieces = [p for change in changes for p in _sectors(change) if chance.random() < 0.5]  # noqa: PLR2004
        chance.shuffle(pieces)
        for offset, data in pieces:
            _carry_out(image, offset, data)
    return bytes(image)


def _sectors(change: Change) -> list[tuple[int, bytes | None]]:
    if change.new is None:
        return [(change.offset, None)]
    pieces: list[tuple[int, bytes | None]] = []
    at = 0
    while at < len(change.new):
        offset = change.offset + at
        length = SECTOR_BYTES - offset % SECTOR_BYTES
        pieces.append((offset, change.new[at : at + length]))
        at += length
    return pieces


def _carry_out(image: bytearray, offset: int, data: bytes | None) -> None:
    end = offset if data is None else offset + len(data)
    if data == b"":
        return
    if len(image) < end:
        image.extend(bytes(end - len(image)))
    if data is None:
        del image[offset:]
    else:
        image[offset:end] = data
