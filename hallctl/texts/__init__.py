"""What people in the hall read and hear, one file a language, keys the same in all."""

from hallctl.texts.en import TEXTS as EN
from hallctl.texts.zh import TEXTS as ZH

_ALL = {"zh": ZH, "en": EN}


def say(language: str, key: str, **values: object) -> str:
    """The text for `key` with `values` filled in.

    Chinese stands in for a language we do not have. Raises KeyError for a key nobody wrote.
    """
    return _ALL.get(language, ZH)[key].format(**values)


def knows(key: str) -> bool:
    """Whether somebody wrote a text for `key`."""
    return key in ZH
