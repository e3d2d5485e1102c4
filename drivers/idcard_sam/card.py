"""What the text of an ID card says of its holder: a keyed hash and an age, nothing else leaves."""

import hashlib
import hmac
from datetime import date

from drivers.idcard_sam.frames import SHOWN_BYTES, TEXT_BYTES
from hallctl.core.reports import CardRead

BIRTH = slice(36, 52)
NUMBER = slice(122, 158)
"""In the text: name 30 bytes, sex 2, nation 4, birth 16, address 70, number 36."""
PERSON_HEX = 32


def age_on(birth: str, day: date) -> int:
    """Whole years on that day. Raises ValueError for no date (or a later one)."""
    born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:8]))
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < 0:
        raise ValueError("born after today")
    return age


def card_of(frame: bytes, key: bytes, day: date) -> CardRead:
    """The card in an answer to "read". Raises ValueError with what is not there."""
    lengths = frame[SHOWN_BYTES : SHOWN_BYTES + 4]
    begin = SHOWN_BYTES + (6 if len(frame) - 1 - SHOWN_BYTES > 4 + _sum(lengths) else 4)
    text = frame[begin : begin + TEXT_BYTES]
    try:
        number = text[NUMBER].decode("utf-16-le").strip().upper()
        age = age_on(text[BIRTH].decode("utf-16-le"), day)
    except (ValueError, IndexError):
        raise ValueError("no date or no number") from None  # the cause would quote the card
    if not (number.isascii() and len(number) == 18 and number[:17].isdigit()):  # noqa: PLR2004
        raise ValueError("no number")
    person = hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:PERSON_HEX]
    return CardRead(person=person, age=age)


def _sum(lengths: bytes) -> int:
    """How many bytes of text and photo the card says it has."""
    return int.from_bytes(lengths[:2], "big") + int.from_bytes(lengths[2:], "big")
