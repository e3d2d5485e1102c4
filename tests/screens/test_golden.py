"""Golden images: every page is the picture it was, where it can be the same picture at all."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

from screens import golden
from screens.check import check
from screens.kit.fonts import Fonts
from screens.kit.scene import all_scenes


def test_every_page_is_the_picture_it_was():
    """Renew them by `make golden` after a look at `make gallery`.

    With another pygame, FreeType or font no picture can be the same: then the check decides.
    """
    with_what, was = golden.kept()
    if with_what == golden.drawn_with():
        assert golden.differences(was, golden.hashes()) == []
    else:
        fonts = Fonts()
        broken = [f for one in all_scenes() for f in check(one, one.drawn(fonts, measured=True))]
        assert broken == []


def test_a_changed_a_new_and_a_lost_page_are_each_named():
    was, now = {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"}
    assert golden.differences(was, now) == ["b: another picture", "c: gone", "d: new"]


def test_what_is_written_down_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "hashes", lambda: {"hall-main": "12ab"})
    assert golden.renew(tmp_path / "golden.json") == 1
    assert golden.kept(tmp_path / "golden.json") == (golden.drawn_with(), {"hall-main": "12ab"})
    assert golden.kept(tmp_path / "none.json") == ({}, {})
