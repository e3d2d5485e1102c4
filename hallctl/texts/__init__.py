"""What people in the hall read and hear: a folder a language, its keys the same in all."""

from hallctl.texts.en import backup as en_backup
from hallctl.texts.en import bus as en_bus
from hallctl.texts.en import clerk as en_clerk
from hallctl.texts.en import hall as en_hall
from hallctl.texts.en import install as en_install
from hallctl.texts.en import keys as en_keys
from hallctl.texts.en import kiosk as en_kiosk
from hallctl.texts.en import paper as en_paper
from hallctl.texts.en import screens as en_screens
from hallctl.texts.en import technician as en_technician
from hallctl.texts.en import web as en_web
from hallctl.texts.zh import (
    backup,
    bus,
    clerk,
    hall,
    install,
    keys,
    kiosk,
    paper,
    screens,
    technician,
    web,
)

ZH = (
    bus.TEXTS
    | backup.TEXTS
    | hall.TEXTS
    | install.TEXTS
    | screens.TEXTS
    | keys.TEXTS
    | kiosk.TEXTS
    | paper.TEXTS
    | clerk.TEXTS
    | technician.TEXTS
    | web.TEXTS
)
EN = (
    en_bus.TEXTS
    | en_backup.TEXTS
    | en_hall.TEXTS
    | en_install.TEXTS
    | en_screens.TEXTS
    | en_keys.TEXTS
    | en_kiosk.TEXTS
    | en_paper.TEXTS
    | en_clerk.TEXTS
    | en_technician.TEXTS
    | en_web.TEXTS
)
_ALL = {"zh": ZH, "en": EN}


def say(language: str, key: str, **values: object) -> str:
    """The text for `key` with `values` filled in.

    Chinese stands in for a language we do not have. Raises KeyError for a key nobody wrote.
    """
    return _ALL.get(language, ZH)[key].format(**values)


def knows(key: str) -> bool:
    """Whether somebody wrote a text for `key`."""
    return key in ZH
