"""Layout lint of every page of the gallery: sizes, targets, nothing outside its box."""

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pytest

from screens import gallery
from screens.kit import tokens as k
from screens.kit.fonts import FontMissing, Fonts, font_path
from screens.kit.frames import picture_hash
from screens.kit.shapes import ICONS

WIDTHS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}


@pytest.fixture(scope="module")
def fonts():
    return Fonts()


@pytest.fixture(scope="module", params=["portrait", "landscape"])
def kiosk_pages(request, fonts):
    return list(gallery.pictures(fonts, landscape=request.param == "landscape"))


@pytest.fixture(scope="module")
def hall_pages(fonts):
    return list(gallery.hall_pictures(fonts))


def lint(pages, rule):
    return [f"{name}: {words}" for name, canvas in pages for words in rule(canvas)]


def too_wide(canvas):
    for line in canvas.written:
        if line.box.w > line.room.w + 1:
            yield f"{line.text} is {line.box.w:.0f} wide in {line.room.w:.0f}"


def outside(canvas):
    width, height = canvas.surface.get_size()
    for line in canvas.written:
        box = line.box
        if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
            yield f"{line.text} leaves the screen"


def test_no_text_of_the_kiosk_is_wider_than_its_box(kiosk_pages):
    assert lint(kiosk_pages, too_wide) == []
    assert lint(kiosk_pages, outside) == []


def test_no_text_of_the_hall_is_wider_than_its_box(hall_pages):
    assert lint(hall_pages, too_wide) == []
    assert lint(hall_pages, outside) == []


def test_no_text_is_cut_off(kiosk_pages, hall_pages):
    def cut(canvas):
        return (line.text for line in canvas.written if line.text.endswith("…"))

    assert lint([*kiosk_pages, *hall_pages], cut) == []


def test_kiosk_text_is_40_px_or_more(kiosk_pages):
    def small(canvas):
        for line in canvas.written:
            if line.size < k.KIOSK_SMALLEST and not line.exempt:
                yield f"{line.text} is {line.size:.0f} px"

    assert lint(kiosk_pages, small) == []


def test_hall_text_is_28_px_or_more(hall_pages):
    def small(canvas):
        for line in canvas.written:
            if line.size < 28 and not line.exempt:
                yield f"{line.text} is {line.size:.0f} px"

    assert lint(hall_pages, small) == []


def test_what_is_touched_is_20_mm_or_more(kiosk_pages):
    def small(canvas):
        for target in canvas.targets:
            edge_mm = min(target.box.w, target.box.h) * k.MM_21_INCH
            if edge_mm < k.TARGET_MM:
                yield f"{target.id} is {edge_mm:.1f} mm"

    assert lint(kiosk_pages, small) == []


def test_targets_do_not_overlap_and_keep_their_distance(kiosk_pages):
    def close(canvas):
        for at, one in enumerate(canvas.targets):
            for other in canvas.targets[at + 1 :]:
                dx = max(one.box.x, other.box.x) - min(one.box.right, other.box.right)
                dy = max(one.box.y, other.box.y) - min(one.box.bottom, other.box.bottom)
                if max(dx, dy) < 13.9:
                    yield f"{one.id} and {other.id}: {max(dx, dy):.0f} px"

    assert lint(kiosk_pages, close) == []


def test_no_two_lines_lie_on_each_other(kiosk_pages, hall_pages):
    def overlap(canvas):
        lines = [line for line in canvas.written if line.text.strip()]
        for at, one in enumerate(lines):
            for other in lines[at + 1 :]:
                wide = min(one.box.right, other.box.right) - max(one.box.x, other.box.x)
                high = min(one.box.bottom, other.box.bottom) - max(one.box.y, other.box.y)
                if wide > 2 and high > 0.16 * min(one.size, other.size):
                    yield f"{one.text} / {other.text}: {high:.0f} px"

    assert lint([*kiosk_pages, *hall_pages], overlap) == []


def test_the_highest_target_of_the_portrait_kiosk_can_be_reached(fonts):
    """ux.md section 10: nothing to touch above y = 565 (1 220 mm on a 32-inch kiosk)."""
    pages = list(gallery.pictures(fonts, landscape=False))
    home = [canvas for name, canvas in pages if name.endswith("home")]
    assert min(t.box.y for canvas in home for t in canvas.targets) >= 565


def test_the_same_page_gives_the_same_pixels(fonts):
    first, second = (
        dict(gallery.pictures(made, landscape=False))["kiosk-portrait-home"].surface
        for made in (fonts, Fonts())
    )
    assert picture_hash(first) == picture_hash(second)


def test_the_pictures_have_the_size_of_the_screens(kiosk_pages, hall_pages):
    for name, canvas in kiosk_pages:
        assert canvas.surface.get_size() == WIDTHS[name.split("-")[1]]
    assert {canvas.surface.get_size() for _, canvas in hall_pages} == {(1920, 1080)}


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
