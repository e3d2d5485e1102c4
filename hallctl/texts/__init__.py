"""What people in the hall read and hear, two files a language, keys the same in all."""

from hallctl.texts.en import TEXTS as EN_ALL
from hallctl.texts.screens_en import TEXTS as EN_SCREENS
from hallctl.texts.screens_zh import TEXTS as ZH_SCREENS
from hallctl.texts.zh import TEXTS as ZH_ALL

ZH, EN = ZH_ALL | ZH_SCREENS, EN_ALL | EN_SCREENS
_ALL = {"zh": ZH, "en": EN}


def say(language: str, key: str, **values: object) -> str:
    """The text for `key` with `values` filled in.

    Chinese stands in for a language we do not have. Raises KeyError for a key nobody wrote.
    """
    return _ALL.get(language, ZH)[key].format(**values)


def knows(key: str) -> bool:
    """Whether somebody wrote a text for `key`."""
    return key in ZH
