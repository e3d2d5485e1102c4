"""What people in the hall read and hear, a few files a language, keys the same in all."""

from hallctl.texts.clerk_en import TEXTS as EN_CLERK
from hallctl.texts.clerk_zh import TEXTS as ZH_CLERK
from hallctl.texts.en import TEXTS as EN_ALL
from hallctl.texts.kiosk_en import TEXTS as EN_KIOSK
from hallctl.texts.kiosk_zh import TEXTS as ZH_KIOSK
from hallctl.texts.screens_en import TEXTS as EN_SCREENS
from hallctl.texts.screens_zh import TEXTS as ZH_SCREENS
from hallctl.texts.zh import TEXTS as ZH_ALL

ZH, EN = ZH_ALL | ZH_SCREENS | ZH_KIOSK | ZH_CLERK, EN_ALL | EN_SCREENS | EN_KIOSK | EN_CLERK
_ALL = {"zh": ZH, "en": EN}


def say(language: str, key: str, **values: object) -> str:
    """The text for `key` with `values` filled in.

    Chinese stands in for a language we do not have. Raises KeyError for a key nobody wrote.
    """
    return _ALL.get(language, ZH)[key].format(**values)


def knows(key: str) -> bool:
    """Whether somebody wrote a text for `key`."""
    return key in ZH
