"""Every page of every screen, drawn and held to the limits of its class of screens."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest
from fontTools.ttLib import TTCollection

from screens import sample
from screens.check import RULES, check, contrast
from screens.hall.screen import HallScreen
from screens.kit.fonts import SIMPLIFIED, FontMissing, Fonts, font_path
from screens.kit.frames import picture_hash
from screens.kit.scene import KIOSK, PORTRAIT_KIOSK, Scene, all_scenes, scene, screen_names
from screens.kit.shapes import ICONS
from screens.kit.touch import Box


@pytest.fixture(scope="module")
def fonts():
    return Fonts()


@pytest.fixture(scope="module", params=screen_names())
def findings(request, fonts):
    """All that breaks a limit on one screen, by rule."""
    found = {what: [] for what in RULES}
    for one in all_scenes(request.param):
        for finding in check(one, one.drawn(fonts, measured=True)):
            found[finding.what].append(f"{finding.scene}: {finding.words}")
    return found


@pytest.mark.parametrize("what", RULES)
def test_no_page_breaks_a_limit(findings, what):
    assert findings[what] == []


def test_every_screen_has_scenes_and_their_names_are_unique_and_begin_with_its_own():
    names = [one.name for one in all_scenes()]
    assert len(names) == len(set(names))
    for screen in screen_names():
        assert any(name.startswith(f"{screen}-") for name in names), screen


class Card:
    """A screen of one card, drawn as a test wants it."""

    size = (1080, 1920)

    def __init__(self, draw):
        self._draw = draw

    def draw(self, canvas, page):
        canvas.fill("#FFFFFF")
        self._draw(canvas)


def found(fonts, draw, limits=PORTRAIT_KIOSK):
    one = Scene("card", Card(draw), None, limits)
    return [(f.what, f.words) for f in check(one, one.drawn(fonts, measured=True))]


WIDE = Box(100, 600, 800, 100)


def test_a_faint_text_is_found_by_the_pixels_under_it(fonts):
    def draw(canvas):
        canvas.card(Box(80, 580, 900, 200), "#6A7A84", 20)
        canvas.text("看不清", WIDE, 60, "#44525C")

    ((what, words),) = found(fonts, draw)
    assert what == "contrast"
    assert words.startswith("看不清: 1.")


def test_a_status_word_may_be_fainter_than_a_sentence(fonts):
    def text(colour):
        return lambda canvas: canvas.text("纸快用完了", WIDE, 60, colour)

    assert contrast("#855000", "#FFFFFF") < 7
    assert found(fonts, text("#855000")) == []
    assert [what for what, _ in found(fonts, text("#865101"))] == ["contrast"]


def test_small_cut_and_unknown_text_is_found(fonts):
    def draw(canvas):
        canvas.text("小字", WIDE, 39, "#000000", smallest=39)
        canvas.text("很长很长很长很长的一句话", Box(100, 800, 200, 60), 40, "#000000")
        canvas.text("\u1200", Box(100, 900, 200, 60), 40, "#000000")

    assert {what for what, _ in found(fonts, draw)} == {"text size", "overflow", "glyphs"}


def test_texts_on_each_other_are_found(fonts):
    def draw(canvas):
        canvas.text("一句话", WIDE, 60, "#000000")
        canvas.text("又一句", Box(150, 630, 800, 100), 60, "#000000")

    assert [what for what, _ in found(fonts, draw)] == ["contrast", "overlap"]


def test_targets_that_are_small_close_or_high_are_found(fonts):
    def draw(canvas):
        canvas.target("high", Box(100, 400, 200, 200))
        canvas.target("small", Box(100, 700, 79, 200))
        canvas.target("close", Box(190, 700, 200, 200))

    words = [words for what, words in found(fonts, draw) if what == "targets"]
    assert [w.split(":")[0] for w in words] == ["high", "small", "small and close"]
    assert len(found(fonts, draw, KIOSK)) == 2


def test_contrast_is_wcags():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_our_word_on_missing_glyphs_is_that_of_the_fonts_own_table(fonts):
    with TTCollection(str(font_path("NotoSansCJK-Regular.ttc"))) as collection:
        known = collection.fonts[SIMPLIFIED].getBestCmap()
    texts = "".join(line.text for line in _written(fonts)) + "\u1200\u0e01"
    assert fonts.missing(texts) == "".join(c for c in texts if ord(c) not in known)


def _written(fonts):
    return (line for one in all_scenes() for line in one.drawn(fonts).written)


def test_the_picture_moves_as_a_whole_against_burning_in(fonts):
    still, moved = (
        scene("hall", HallScreen("hall-1", lambda _: ""), KIOSK, sample.morning(), clock=clock)
        for clock in ("9:00", "9:10")
    )
    boxes = [[line.box for line in one.drawn(fonts).written] for one in (still, moved)]
    assert boxes[0] == boxes[1]
    pictures = [one.drawn(fonts).surface for one in (still, moved)]
    inner = [
        p.subsurface(pygame.Rect(100 + dx, 200, 800, 400))
        for p, dx in zip(pictures, (4, 0), strict=True)
    ]
    assert picture_hash(inner[0]) == picture_hash(inner[1])


def test_the_same_page_gives_the_same_pixels(fonts):
    one = next(all_scenes("kiosk-portrait-home"))
    assert picture_hash(one.drawn(fonts).surface) == picture_hash(one.drawn(Fonts()).surface)


def test_a_missing_font_names_the_package_to_install(tmp_path):
    with pytest.raises(FontMissing, match="apt install fonts-noto-cjk"):
        font_path("NotoSansCJK-Bold.ttc", (tmp_path,))


def test_chinese_is_drawn_in_the_simplified_face(fonts):
    """Face 0 of the collection is Japanese; 直 is drawn otherwise there."""
    import pygame.freetype

    path = str(font_path("NotoSansCJK-Regular.ttc"))
    japanese = pygame.freetype.Font(path, 60, font_index=0)
    ours, _, _ = fonts.line("直", 60, False, "#000000")
    theirs, _ = japanese.render("直", fgcolor=pygame.Color("#000000"), size=60)
    assert ours.get_size() != theirs.get_size() or (
        pygame.image.tobytes(ours, "RGBA") != pygame.image.tobytes(theirs, "RGBA")
    )


def test_every_icon_is_drawn_in_the_asked_colour():
    names = [path.stem for path in ICONS.glob("*.svg")]
    assert len(names) > 30
    for path in ICONS.glob("*.svg"):
        source = path.read_text(encoding="utf-8")
        assert 'width="24" height="24"' in source, path
        assert "currentColor" in source, path
