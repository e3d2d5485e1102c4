"""The printer's twin, fed with ESC/POS written by hand from the makers' descriptions."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hallctl.simulator.twins.escpos import EscposTwin

CUT = b"\x1dVA\x00"
FENCE = b"\x1dr\x01"


def gb(text):
    return text.encode("gb18030")


def printed(stream, **options):
    twin = EscposTwin(options)
    twin.receive(stream, 0.0)
    return twin


def lines(twin):
    return [slip["text"] for slip in twin.state()["slips"]]


def dots_of(twin):
    return twin._slips[-1].dots


TICKET = (
    b"\x1b@\x1c&\x1ba\x01\x1d!\x11" + gb("赤坭镇便民服务中心\n") + b"\x1d!\x00"
    + gb("您的号码\n") + b"\x1d!\x33\x1bE\x01" + gb("综020\n") + b"\x1d!\x00\x1bE\x00\x1ba\x00"
    + gb("前面等 4 人\n") + b"\x1bd\x03" + CUT
)  # fmt: skip


def test_a_hand_written_ticket_is_read_off_the_paper():
    twin = printed(TICKET)
    slip = twin.state()["slips"][0]
    assert slip["text"] == ["赤坭镇便民服务中心", "您的号码", "综020", "前面等 4 人"]
    # two-fold line 48, body 30, four-fold 96, body 30, three lines fed
    assert (slip["width"], slip["height"]) == (576, 48 + 30 + 96 + 30 + 90)
    assert twin.state()["unknown"] == []


def test_a_stream_in_any_pieces_prints_the_same_slip():
    whole = printed(TICKET + FENCE).state()["slips"][0]["sha256"]
    for size in (1, 2, 3, 7, 50):
        twin = EscposTwin({})
        for start in range(0, len(TICKET), size):
            twin.receive(TICKET[start : start + size], 0.0)
        assert twin.state()["slips"][0]["sha256"] == whole


def test_paper_of_58_mm_is_384_dots_wide():
    slip = printed(gb("字" * 17) + b"\n" + CUT, paper_mm=58).state()["slips"][0]
    assert slip["width"] == 384
    assert slip["text"] == ["字" * 16, "字"]


@pytest.mark.parametrize(
    ("align", "left"), [(b"\x00", 0), (b"0", 0), (b"\x01", 264), (b"\x02", 528)]
)
def test_a_line_stands_where_it_is_aligned(align, left):
    dots = dots_of(printed(b"\x1dB\x01\x1ba" + align + gb("中中\n") + CUT))
    box = dots.getbbox()
    assert box[0] == left
    assert box[2] == left + 48


def test_inverse_is_white_on_black_and_bold_is_heavier():
    def ink(stream):
        return dots_of(printed(stream + gb("国\n") + CUT)).histogram()[255]

    plain = ink(b"")
    assert ink(b"\x1bE\x01") > plain
    assert ink(b"\x1dB\x01") == 24 * 24 - plain


def test_an_enlarged_character_is_the_small_one_in_whole_dots():
    small = dots_of(printed(gb("人\n") + CUT)).crop((0, 0, 24, 24))
    large = dots_of(printed(b"\x1d!\x22" + gb("人\n") + CUT)).crop((0, 0, 72, 72))
    assert large.tobytes() == small.resize((72, 72), Image.Resampling.NEAREST).tobytes()


def test_hanzi_take_their_size_from_the_last_of_the_two_size_commands():
    assert printed(b"\x1c!\x0c\x1d!\x44" + gb("人\n") + CUT).state()["slips"][0]["height"] == 120
    assert printed(b"\x1d!\x44\x1c!\x0c" + gb("人\n") + CUT).state()["slips"][0]["height"] == 48


def test_utf8_printers_read_utf8():
    assert lines(printed("请到３号窗口\n".encode() + CUT, encoding="utf-8")) == [["请到３号窗口"]]


def test_without_hanzi_mode_high_bytes_are_the_code_page():
    assert lines(printed(b"\x1c.\x1bt\x10caf\xe9\n" + CUT)) == [["café"]]


def test_a_four_byte_character_is_not_in_the_rom_and_is_recorded():
    twin = printed("㐂\n".encode("gb18030") + CUT)
    assert lines(twin) == [["?"]]
    assert twin.state()["unknown"] == ["text: 81 39 ef 31"]


def qr(payload):
    store = b"\x31\x50\x30" + payload
    return (
        b"\x1d(k\x04\x00\x31\x41\x32\x00\x1d(k\x03\x00\x31\x43\x06\x1d(k\x03\x00\x31\x45\x31"
         b"\x1d(k" + len(store).to_bytes(2, "little") + store + b"\x1d(k\x03\x00\x31\x51\x30"
    )  # fmt: skip


def test_a_qr_code_is_drawn_from_its_payload():
    twin = printed(b"\x1ba\x01" + qr(b"https://hall.example/t/A012") + CUT)
    slip = twin.state()["slips"][0]
    assert slip["qr"] == "https://hall.example/t/A012"
    left, _, right, _ = dots_of(twin).getbbox()
    assert (right - left) % 6 == 0
    assert left == 576 - right
    # the three corner marks: seven black modules in a row
    top = dots_of(twin).crop((left, 0, left + 42, 6))
    assert top.histogram()[255] == 42 * 6


def test_a_qr_code_never_stored_is_not_printed():
    assert printed(b"\x1d(k\x03\x00\x31\x51\x30").state()["unknown"] == ["GS ( k: 31 51 30"]


def test_a_raster_image_lands_dot_by_dot():
    twin = printed(b"\x1dv0\x00\x02\x00\x03\x00" + bytes.fromhex("8001 ffff 0000") + CUT)
    dots = dots_of(twin)
    assert dots.size == (576, 3)
    row = [x for x in range(576) if dots.getpixel((x, 0))]
    assert row == [0, 15]
    assert [x for x in range(576) if dots.getpixel((x, 1))] == list(range(16))
    assert twin.state()["slips"][0]["images"] == [[16, 3]]


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (b"\x1bz", "ESC z: 1b 7a"),
        (b"\x1d(Z\x02\x00\x01\x02", "GS ( Z: 1d 28 5a 02 00 01 02"),
        (b"\x1dk\x04123\x00", "GS k: 1d 6b 04 31 32 33 00"),
        (b"\x1bV\x01", "ESC V: 1b 56 01"),
        (b"\x07", "control: 07"),
    ],
)
def test_an_unknown_command_is_recorded(stream, name):
    twin = printed(stream + gb("好\n") + CUT)
    assert twin.state()["unknown"] == [name]
    assert lines(twin) == [["好"]]


# -- status: the vectors of domain.md 3.1 and hardware.md 1 -------------------------------------


def asked(twin, n):
    return twin.receive(bytes((0x10, 0x04, n)), 0.0)


def test_an_idle_printer_answers_12_to_every_question():
    assert [asked(EscposTwin({}), n) for n in (1, 2, 3, 4)] == [b"\x12"] * 4


def test_a_printer_without_paper_answers_1a_32_7e():
    twin = EscposTwin({})
    twin.fault("paper_out", True)
    twin.fault("paper_low", True)
    assert [asked(twin, n).hex() for n in (1, 2, 4)] == ["1a", "32", "7e"]


def test_the_other_bits_of_the_status():
    twin = EscposTwin({})
    twin.fault("paper_low", True)
    assert [asked(twin, n).hex() for n in (1, 4)] == ["12", "1e"]
    twin.fault("paper_low", False)
    twin.fault("cover_open", True)
    assert [asked(twin, n).hex() for n in (1, 2, 4)] == ["1a", "16", "12"]
    twin.fault("cover_open", False)
    twin.fault("cutter_error", True)
    assert [asked(twin, n).hex() for n in (1, 2, 3)] == ["1a", "52", "1a"]


def test_a_printer_with_inverted_near_end_says_0c_when_there_is_enough():
    twin = EscposTwin({"near_end_inverted": True})
    assert asked(twin, 4) == b"\x1e"
    twin.fault("paper_low", True)
    assert asked(twin, 4) == b"\x12"


def test_a_status_request_in_pieces_and_inside_an_image_is_answered_at_once():
    twin = EscposTwin({})
    assert twin.receive(b"\x10", 0.0) + twin.receive(b"\x04", 0.0) == b""
    assert twin.receive(b"\x01", 0.0) == b"\x12"
    assert twin.receive(b"\x1dv0\x00\x02\x00\x02\x00\x10\x04\x01", 0.0) == b"\x12"


def test_the_fence_is_answered_only_when_all_before_it_is_on_paper():
    twin = EscposTwin({"lines_s": 10})
    stream = gb("一\n二\n三\n") + CUT + FENCE
    assert twin.receive(stream, 100.0) == b""
    assert asked_at(twin, 100.05) == b"\x12"
    said = [(t, twin.wake(100 + t / 20)) for t in range(1, 20)]
    answers = [(t, b) for t, b in said if b]
    assert answers == [(6, b"\x00")]
    assert lines(twin) == [["一", "二", "三"]]


def asked_at(twin, now):
    return twin.receive(b"\x10\x04\x01", now)


def test_the_fence_tells_low_paper_in_its_own_bits():
    twin = EscposTwin({})
    twin.fault("paper_low", True)
    assert twin.receive(FENCE, 0.0) == b"\x03"


def test_without_paper_the_rest_waits_and_is_printed_when_it_is_back():
    twin = EscposTwin({"paper_out_after_lines": 2})
    twin.fault("paper_out_after", True)
    assert twin.receive(gb("一\n二\n三\n四\n") + CUT + FENCE, 0.0) == b""
    assert twin.state()["uncut"] == ["一", "二"]
    assert twin.state()["paper"] == "out"
    assert twin.wake(1.0) == b""
    assert asked(twin, 4) == b"\x7e"
    assert twin.press({"do": "new_roll"}, 2.0) == b"\x00"
    assert lines(twin) == [["一", "二", "三", "四"]]


def test_an_open_cover_stops_it_and_a_silent_one_says_nothing():
    twin = EscposTwin({})
    twin.press({"do": "open"}, 0.0)
    assert twin.receive(gb("一\n") + CUT, 0.0) == b""
    assert lines(twin) == []
    twin.press({"do": "close"}, 0.0)
    assert lines(twin) == [["一"]]
    mute = EscposTwin({"silent": True})
    assert asked(mute, 1) == b""
    assert mute.receive(FENCE, 0.0) == b""


def test_the_receive_buffer_is_bounded_and_says_how_much_room_it_has():
    twin = EscposTwin({"buffer_bytes": 100})
    twin.fault("paper_out", True)
    twin.receive(b"x" * 90, 0.0)
    assert twin.room() == 10
    twin.receive(b"x" * 90, 0.0)
    assert twin.room() == 0
    assert twin.state()["lost_bytes"] == 80


def test_asb_tells_what_changes():
    twin = EscposTwin({})
    twin.receive(b"\x1da\xff", 0.0)
    assert twin.wake(0.1) == b"\x10\x00\x00\x00"
    assert twin.wake(0.2) == b""
    twin.fault("cover_open", True)
    assert twin.wake(0.3) == b"\x38\x00\x00\x00"
    twin.fault("cover_open", False)
    twin.fault("paper_out", True)
    assert twin.wake(0.4) == b"\x18\x00\x0f\x00"


def test_the_process_id_comes_back_in_turn():
    assert EscposTwin({}).receive(b"\x1d(H\x06\x00\x30\x30J001", 0.0) == b"\x37\x22J001\x00"


def test_the_pictures_are_the_last_twelve_slips_and_the_paper_in_the_printer():
    twin = printed((gb("号\n") + CUT) * 14 + gb("一半\n"))
    pictures = twin.picture()
    assert set(pictures) == {f"slip-{n}" for n in range(3, 15)} | {"paper"}
    with Image.open(io.BytesIO(pictures["slip-14"])) as slip:
        assert slip.size == (640, 40 + 30 + 10)
    assert twin.state()["cuts"] == 14


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="paper_out"):
        EscposTwin({}).fault("fire", True)


# -- what the profiles need ----------------------------------------------------------------------


def test_questions_that_were_answered_take_no_room_while_the_printer_stands():
    twin = EscposTwin({})
    twin.fault("cover_open", True)
    twin.receive(gb("一半") + b"\x1c.", 0.0)
    before = twin.room()
    for _ in range(5000):
        assert twin.receive(b"\x10\x04\x01", 1.0) == b"\x1a"
    assert twin.room() == before
    twin.fault("cover_open", False)
    twin.receive(b"\x1c&" + gb("好\n") + CUT, 2.0)
    assert lines(twin) == [["一半好"]]


def test_a_question_inside_a_picture_stays_part_of_the_picture_while_it_waits():
    twin = EscposTwin({})
    twin.fault("offline", True)
    twin.receive(b"\x1dv0\x00\x03\x00\x02\x00\x10\x04\x01", 0.0)
    twin.fault("offline", False)
    twin.receive(b"\xff\xff\xff" + CUT, 1.0)
    assert twin.state()["slips"][0]["images"] == [[24, 2]]


def test_a_picture_larger_than_the_buffer_is_printed_as_it_comes():
    twin = EscposTwin({"buffer_bytes": 100})
    picture = b"\x1dv0\x00\x48\x00\x1e\x00" + b"\xff" * 72 * 30
    for start in range(0, len(picture), 64):
        assert twin.room() >= 64
        twin.receive(picture[start : start + 64], 0.0)
    twin.receive(CUT, 0.0)
    assert twin.state()["lost_bytes"] == 0
    assert twin.state()["slips"][0]["images"] == [[576, 30]]


def test_errors_other_than_the_cutter_have_bits_of_their_own():
    twin = EscposTwin({})
    twin.fault("error", True)
    assert [asked(twin, n).hex() for n in (1, 2, 3, 4)] == ["1a", "52", "32", "12"]
    twin.receive(b"\x1da\x0e", 0.0)
    assert twin.wake(0.1) == b""
    twin.fault("error", False)
    assert twin.wake(0.2) == b"\x10\x00\x00\x00"
    twin.fault("offline", True)
    assert [asked(twin, n).hex() for n in (1, 2, 3, 4)] == ["1a", "12", "12", "12"]
    assert twin.wake(0.3) == b"\x18\x00\x00\x00"


def test_initialising_ends_the_reports():
    twin = EscposTwin({})
    twin.receive(b"\x1da\x0e\x1b@", 0.0)
    assert twin.wake(0.1) == b""


def test_a_power_cut_takes_what_was_not_printed_and_nothing_else():
    twin = EscposTwin({"lines_s": 10})
    twin.receive(b"\x1da\x0e" + gb("一\n二\n三\n") + CUT + FENCE, 100.0)
    twin.press({"do": "power"}, 100.05)
    assert [twin.wake(100 + t / 10) for t in range(1, 9)] == [b""] * 8
    assert twin.state()["uncut"] == ["一"]
    assert twin.receive(b"\x10\x04\x01", 101.0) == b"\x12"


def test_its_names():
    twin = EscposTwin({})
    assert twin.receive(b"\x1dIC", 0.0) == b"\x5fTWIN-80\x00"
    assert twin.receive(b"\x1dIB", 0.0) == b"\x5fhallctl\x00"


def test_utf8_is_switched_on_and_off_again_by_initialising():
    twin = printed(b"\x1c(C\x02\x00\x30\x32" + "请到".encode() + b"\n\x1b@" + gb("窗口\n") + CUT)
    assert lines(twin) == [["请到", "窗口"]]
    assert twin.state()["unknown"] == []


@pytest.mark.parametrize("call", [b"\x1cp\x07\x00", b"\x1d(L\x06\x00\x30\x45\x30\x37\x01\x01"])
def test_a_logo_of_its_memory_is_printed_and_one_that_is_not_there_is_recorded(call):
    twin = printed(b"\x1ba\x01" + call + gb("号\n") + CUT, logo=7)
    slip = twin.state()["slips"][0]
    assert slip["images"] == [[192, 64]]
    left, top, right, _ = dots_of(twin).getbbox()
    assert (left, top, right) == (192, 0, 384)
    assert len(printed(call, logo=8).state()["unknown"]) == 1
    assert len(printed(call).state()["unknown"]) == 1


@pytest.mark.parametrize(
    ("cut", "kind"),
    [(b"\x1dV\x00", "full"), (b"\x1dVA\x00", "full"), (b"\x1dV\x01", "partial"),
     (b"\x1dVB\x00", "partial"), (b"\x1bi", "partial")],
)  # fmt: skip
def test_a_slip_tells_how_it_was_cut(cut, kind):
    assert printed(gb("号\n") + cut).state()["slips"][0]["cut"] == kind


PIECES = [b"\x1d(k", b"\x1d(L", b"\x1d(H", b"\x1c(C", b"\x1dv0", b"\x1dV", b"\x1b@", b"\x1c.",
          b"\x1c&", b"\x1dr", b"\x1dI", b"\x1da", b"\x1cp", b"\x1bd", b"\x10\x04",
          b"\x00" * 12]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_stream_of_bytes_breaks_it(pieces):
    twin = EscposTwin({"logo": 1})
    for at, piece in enumerate(pieces):
        twin.receive(piece, at / 10)
        twin.wake(at / 10)
    assert twin.state()["buffered"] <= 4096 or not twin.state()["offline"]
