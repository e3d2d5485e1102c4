"""The clips of this repository's hall, made once by espeak-ng, and an ear that knows them."""

from types import SimpleNamespace

import pytest

from hallctl.voice import making
from hallctl.voice.clips import Library
from hearing import Ear
from rendering import rules_of_this_hall
from running import ROOT


@pytest.fixture(scope="session")
def spoken(tmp_path_factory):
    """`folders` with every clip and chime of the hall, and the `ear`."""
    into = tmp_path_factory.mktemp("sounds")
    folders = (into, ROOT / "sounds")
    built = making.build(rules_of_this_hall(), Library(folders), into, lambda _: None)
    assert built.failed == []
    return SimpleNamespace(folders=folders, ear=Ear(folders))
