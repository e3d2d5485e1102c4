"""What a slip becomes: read back by a strict reader that knows our own commands and no others."""

import itertools
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.escpos import typeset
from drivers.escpos.profiles import PROFILES, EscposOptions
from drivers.escpos.typeset import Typesetter, break_realtime, clean, wrap
from hallctl.core.slip import Code, Gap, Line, Rule, Slip
from hallctl.simulator.twins.escpos import EscposTwin

REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
COMMANDS = [
    (b"\x1b@", 0),
    (b"\x1c&", 0),
    (b"\x1c!", 1),
    (b"\x1d!", 1),
    (b"\x1bE", 1),
    (b"\x1ba", 1),
    (b"\x1dB", 1),
    (b"\x1b3", 1),
    (b"\x1b2", 0),
    (b"\x1bd", 1),
    (b"\x1dVB", 1),
    (b"\x1dVA", 1),
    (b"\x1c.", 0),
    (b"\x1bt", 1),
    (b"\x1da", 1),
    (b"\x1cp", 2),
]


def made(*parts, **options):
    return Typesetter(EscposOptions(**options)).slip(Slip(parts=parts))


def read(wire):
    """(command, argument) and ("text", str) in order; anything unknown fails."""
    found, at = [], 0
    while at < len(wire):
        name, size = next(((n, s) for n, s in COMMANDS if wire.startswith(n, at)), (b"", 0))
        if name:
            found.append((name, wire[at + len(name) : at + len(name) + size]))
            at += len(name) + size
        elif wire.startswith((b"\x1d(k", b"\x1d(L", b"\x1c(C"), at):
            size = int.from_bytes(wire[at + 3 : at + 5], "little")
            found.append((wire[at : at + 3], wire[at + 5 : at + 5 + size]))
            at += 5 + size
        elif wire.startswith(b"\x1dv0", at):
            width = int.from_bytes(wire[at + 4 : at + 6], "little")
            height = int.from_bytes(wire[at + 6 : at + 8], "little")
            found.append((b"\x1dv0", wire[at + 8 : at + 8 + width * height]))
            at += 8 + width * height
        else:
            text = re.match(rb"(?:[\x20-\x7e\n]|[\x81-\xfe][\x40-\x7e\x80-\xfe])+", wire[at:])
            assert text, f"a stray byte at {at}: {wire[at : at + 8].hex(' ')}"
            found.append(("text", text.group().decode("gb18030")))
            at += text.end()
    return found


def text_of(wire):
    return "".join(value for name, value in read(wire) if name == "text")


def ticket(**options):
    lines = [
        "广州市花都区赤坭镇便民服务中心",
        "您的号码",
        "综合  到1、2、3号窗口办理",
        "前面等候 12 人",
        "预计等候 20–35 分钟，以叫号为准",
        "城乡居民基本医疗保险参保登记，请准备：",
        "□ 居民身份证原件及复印件 1 份",
        "□ 户口簿原件",
        "□ 近期一寸免冠照片 2 张",
        "请到等候区就座，留意屏幕和语音。",
        "过号请到导办台或原业务窗口重新排队。",
        "2026-11-24 09:30  当日有效",
    ]
    parts = [Line(lines[0], align="center", bold=True), Rule(), Line(lines[1], align="center")]
    parts += [Line("A001", scale=4, align="center", bold=True), Gap(1)]
    parts += [*map(Line, lines[2:5]), Rule(dashed=True), *map(Line, lines[5:]), Rule()]
    return made(*parts, Code("HALL:20261124:A001:5f3a9c"), Line("优先", inverse=True), **options)


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_a_ticket_of_fifteen_lines_with_its_code_stays_under_1_kib(paper_mm):
    wire = ticket(paper_mm=paper_mm)
    assert len(wire) < 1024
    assert not any(name == b"\x1dv0" for name, _ in read(wire))


def test_a_slip_begins_in_hanzi_mode_and_ends_with_one_partial_cut():
    wire = ticket()
    assert wire.startswith(b"\x1b@\x1c&")
    assert wire.endswith(b"\x1dVB\x00")
    assert wire.count(b"\x1dV") == 1


def test_punctuation_and_fullwidth_digits_are_printed_not_question_marks():
    text = "。，：！１２３"
    assert text_of(made(Line(text))).strip() == text


def test_a_yuan_sign_becomes_the_one_printers_have():
    assert text_of(made(Line("收费¥5"))).strip() == "收费￥5"


def test_enlarged_text_is_enlarged_both_ways_and_back_again():
    found = read(made(Line("A001", scale=3, bold=True, inverse=True, align="center"), Line("正文")))
    assert [v for n, v in found if n == b"\x1d!"] == [b"\x22", b"\x00"]
    assert [v for n, v in found if n == b"\x1c!"] == [b"\x0c", b"\x00"]
    assert [v for n, v in found if n == b"\x1bE"] == [b"\x01", b"\x00"]
    assert [v for n, v in found if n == b"\x1dB"] == [b"\x01", b"\x00"]
    assert [v for n, v in found if n == b"\x1ba"] == [b"\x01", b"\x00"]


@pytest.mark.parametrize("rare", ["㐂", "𠮷", "王𬭎", "€💡"])
@pytest.mark.parametrize(("paper_mm", "row"), [(80, 72), (58, 48)])
def test_a_line_with_a_rare_character_is_a_picture_as_wide_as_the_paper(rare, paper_mm, row):
    found = read(made(Line("前"), Line(rare + "㐂"), Line("后"), paper_mm=paper_mm))
    pictures = [value for name, value in found if name == b"\x1dv0"]
    assert [len(picture) for picture in pictures] == [row * 30]
    assert any(pictures[0]), "something is drawn"
    assert text_of(made(Line("前"), Line(rare + "㐂"), Line("后"))).split() == ["前", "后"]


def test_a_rare_character_without_the_font_is_marked_and_said(monkeypatch):
    typeset._font.cache_clear()
    monkeypatch.setattr(typeset, "FONTS", "/nowhere/{weight}.ttc")
    typesetter = Typesetter(EscposOptions())
    assert "王〓" in text_of(typesetter.slip(Slip(parts=(Line("王𬭎"),))))
    assert typesetter.lacks_font


def test_a_picture_line_too_wide_is_drawn_smaller_never_cut():
    wide = typeset.draw("W" * 60, Line(""), 384)
    assert any(wide.getpixel((x, y)) == 0 for x in range(340, 384) for y in range(wide.height))


@pytest.mark.parametrize(("paper_mm", "solid", "dashed"), [(80, 24, 48), (58, 16, 32)])
def test_rules_run_across_the_paper(paper_mm, solid, dashed):
    words = text_of(made(Rule(), Rule(dashed=True), paper_mm=paper_mm)).split()
    assert words == ["─" * solid, "-" * dashed]


def test_a_code_is_native_or_a_picture():
    stored = [v for n, v in read(made(Code("HALL:A001"))) if n == b"\x1d(k"]
    assert b"1P0HALL:A001" in stored
    pictures = [v for n, v in read(made(Code("HALL:A001"), qr="raster")) if n == b"\x1dv0"]
    assert len(pictures) == 1


def test_lines_break_where_chinese_lines_may():
    rows = list(wrap("过号请到导办台（一楼），再排队。", 14, lambda c: 1 if c.isascii() else 2))
    assert rows == ["过号请到导办台", "（一楼），再排", "队。"]
    english = list(wrap("please listen for your number", 12, len))
    assert [row.strip() for row in english] == ["please", "listen for", "your number"]


@given(
    st.text(alphabet="请到号窗口办理，。；：！？）》”（《A01 -", max_size=120), st.integers(4, 48)
)
@settings(max_examples=300, deadline=None)
def test_a_long_line_is_broken_and_nothing_is_lost(text, columns):
    def width(char):
        return 1 if char.isascii() else 2

    rows = list(wrap(text, columns, width))
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(sum(map(width, row)) <= columns for row in rows)
    closing = "，。；：！？）》”"
    for before, after in itertools.pairwise(rows):
        if any(c not in closing + "（《" for c in before[1:]) and after[:1] in tuple(closing):
            # Only where no earlier place in the line would have done.
            assert all(
                b in closing + " " or a in "（《" or ((a + b).isalnum() and (a + b).isascii())
                for a, b in itertools.pairwise(before)
            )


@given(st.text(max_size=60), st.integers(1, 8), st.sampled_from([58, 80]))
@example("\x1b@\x1dV\x00\x10\x04\x01", 1, 80)
@example("\u202e\u200b\ufeff\x9b\x85\ud800", 2, 58)
@settings(max_examples=300, deadline=None)
def test_no_text_of_unicode_smuggles_a_command_into_the_printer(text, scale, paper_mm):
    wire = made(Line(text, scale=scale, inverse=True), Code(text[:20]), paper_mm=paper_mm)
    found = read(wire)
    assert not any(order in wire for order in REALTIME)
    names = {name for name, _ in found if name != "text"}
    assert sum(name == b"\x1dVB" for name, _ in found) == 1
    assert names <= {name for name, _ in COMMANDS} | {b"\x1d(k", b"\x1dv0"}


@given(st.text(), st.sampled_from(["gb18030", "gbk"]))
@settings(max_examples=300, deadline=None)
def test_codes_of_four_bytes_never_go_out(text, encoding):
    for char in clean(text):
        code = typeset.printable(char, encoding)
        assert len(code) <= 2
        assert code in {b"", char.encode(encoding, errors="replace")}


# - profiles and options


def test_a_profile_fills_in_what_is_not_given_and_an_option_has_the_last_word():
    assert EscposOptions() == EscposOptions(profile="xprinter")
    for name, row in PROFILES.items():
        options = EscposOptions(profile=name)
        assert {key: getattr(options, key) for key in row} == dict(row)
    assert EscposOptions(profile="snbc").near_end_inverted
    assert not EscposOptions(profile="snbc", near_end_inverted=False).near_end_inverted
    assert EscposOptions(profile="clone").silent
    assert EscposOptions(profile="epson", encoding="utf8").encoding == "utf8"


@pytest.mark.parametrize(
    "wrong", [{"profile": "nobody"}, {"profile": [1]}, {"utf8_start": "zz"}, {"logo": 100}]
)
def test_an_option_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        EscposOptions(**wrong)


def test_what_is_dumped_for_the_twin_says_all_that_the_profile_filled_in():
    dumped = EscposOptions(profile="snbc").model_dump(mode="json")
    assert dumped["near_end_inverted"] is True
    assert EscposOptions(**dumped) == EscposOptions(profile="snbc")


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"clone"}))
@pytest.mark.parametrize("paper_mm", [58, 80])
def test_the_ticket_of_every_profile_that_knows_codes_stays_under_1_kib(profile, paper_mm):
    assert len(ticket(profile=profile, paper_mm=paper_mm)) < 1024


def test_a_letter_outside_the_hanzi_goes_by_the_code_page_and_back_to_hanzi():
    wire = made(Line("Größe 号，é"), latin="cp1252")
    assert wire.startswith(b"\x1b@\x1c&\x1bt\x10")
    # é stands in GBK among the pinyin letters, ö and ß do not.
    assert b"Gr" + b"\x1c.\xf6\xdfe \x1c&" + "号，é".encode("gbk") + b"\n" in wire


def test_a_line_that_ends_in_a_letter_of_the_code_page_ends_in_hanzi_mode():
    assert b"K\x1c.\xf6\x1c&\n" in made(Line("Kö"), latin="cp850").replace(b"\x94", b"\xf6")


def test_without_a_code_page_such_a_letter_is_drawn():
    assert any(name == b"\x1dv0" for name, _ in read(made(Line("Kö"), latin="none")))


def test_utf8_is_switched_on_and_only_the_printers_own_set_goes_as_text():
    wire = made(Line("请到３号窗口，王㐂"), Line("好"), encoding="utf8")
    assert wire.startswith(b"\x1b@\x1c(C\x02\x0002")
    assert "好\n".encode() in wire
    assert "王".encode() not in wire, "the line with the rare character is drawn"
    other = made(Line("好"), encoding="utf8", utf8_start="1B 74 FF")
    assert other.startswith(b"\x1b@\x1bt\xff")


@pytest.mark.parametrize(("cut", "end"), [("partial", b"\x1dVB\x00"), ("full", b"\x1dVA\x00")])
def test_the_cut_is_as_the_option_says(cut, end):
    assert made(Line("好"), cut=cut).endswith(b"\x1bd\x03" + end)
    assert made(Line("好"), cut=cut, feed_lines=0).endswith(b"\n" + end)


def test_a_logo_comes_first_from_the_printers_own_memory():
    by_number = read(made(Line("好"), logo=7))
    assert [v for n, v in by_number if n == b"\x1cp"] == [b"\x07\x00"]
    by_key = read(made(Line("好"), logo=7, logo_command="GS ( L"))
    assert [v for n, v in by_key if n == b"\x1d(L"] == [b"0E07\x01\x01"]
    names = [name for name, _ in by_key]
    assert names.index(b"\x1d(L") < names.index("text")


def test_a_printer_that_reports_is_told_to_after_each_initialising():
    assert made(Line("好"), asb=True).startswith(b"\x1b@\x1da\x0e\x1c&")


SLIPS = [
    (Line("您的号码", align="center"), Line("A001", scale=7, align="center"), Gap(2), Rule()),
    (Line("到1号窗口", scale=2), Gap(1), Line("王㐂", scale=2), Line("好" * 60)),
    (Code("HALL:A001"), Line("当日有效")),
    (Code("https://hall.example/t/20261125/A001/5f3a9c-" + "x" * 60),),
]


@pytest.mark.parametrize("parts", SLIPS)
@pytest.mark.parametrize(
    "options", [{}, {"paper_mm": 58}, {"qr": "raster"}, {"logo": 3, "logo_mm": 8}]
)
def test_the_length_of_a_slip_is_what_the_printer_feeds(parts, options):
    typesetter = Typesetter(EscposOptions(**options))
    twin = EscposTwin(EscposOptions(**options).model_dump(mode="json"))
    twin.receive(typesetter.slip(Slip(parts=parts)), 0.0)
    (slip,) = twin.state()["slips"]
    fed_mm = slip["height"] / 8 + EscposOptions().knife_mm
    # Which of its ways to code a payload the printer takes is its own affair: one size of QR code.
    assert fed_mm - 0.5 <= typesetter.length_mm <= fed_mm + 4.5


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), max_size=60).map(bytes))
def test_pictures_give_no_orders_and_lose_one_pixel_at_most_each(raster):
    broken = break_realtime(raster)
    assert len(broken) == len(raster)
    assert not any(order in broken for order in REALTIME)
    assert all((a ^ b) in {0, 0x80} for a, b in zip(raster, broken, strict=True))


def test_a_hundred_lines_are_set_without_a_noticeable_wait():
    begin_s = time.process_time()
    made(*[Line("请到等候区就座，留意屏幕和语音。" * 3)] * 100)
    assert time.process_time() - begin_s < 5
