"""The `voice:` section of hall.yaml: what it may say, what it means, and how a slip is named."""

import pytest

from hallctl.core.rules import Span, VoiceRules

SECTION = """\
voice:
  languages: [cantonese, english, mandarin]
  repeats: 2
  one: yao
  pile_up: 4
  english_on_ticket: false
  say_missed: true
  say_lunch: false
  volume: 70
  volumes: {"13:00": 80, "9:30": 40, "12:00": 0}
  quiet: [9:00-9:15, 12:30-13:00]
  readings:
    mandarin: {重庆: chong2 qing4, 号: hao4}
    cantonese: {號: hou6}
"""


def with_voice(hall, section):
    """The real hall.yaml with another voice section."""
    text = hall.read("hall.yaml")
    start, end = text.index("\nvoice:") + 1, text.index("rules:\n")
    hall.write("hall.yaml", text[:start] + section + "\n" + text[end:])
    return hall


def test_what_is_written_is_what_the_core_goes_by(hall):
    assert with_voice(hall, SECTION).load().rules.voice == VoiceRules(
        languages=("cantonese", "english", "mandarin"),
        repeats=2,
        one="yao",
        pile_up=4,
        english_on_ticket=False,
        say_missed=True,
        say_lunch=False,
        volume=70,
        volumes=((34200, 40), (43200, 0), (46800, 80)),
        quiet=(Span(32400, 33300), Span(45000, 46800)),
        readings=(
            ("mandarin", "重庆", "chong2 qing4"),
            ("mandarin", "号", "hao4"),
            ("cantonese", "號", "hou6"),
        ),
    )


@pytest.mark.parametrize("section", ["", "voice: {}\n"])
def test_without_the_section_the_voice_is_as_the_example_shows_it(hall, section):
    shown = hall.load().rules.voice
    assert with_voice(hall, section).load().rules.voice == shown == VoiceRules()


def test_a_language_that_stands_twice_is_spoken_once_and_none_is_a_chime(hall):
    twice = with_voice(hall, "voice: {languages: [english, mandarin, english]}\n")
    assert twice.load().rules.voice.languages == ("english", "mandarin")
    assert with_voice(hall, "voice: {languages: []}\n").load().rules.voice.languages == ()


def test_a_time_of_day_needs_no_quotes_in_this_yaml(hall):
    rules = with_voice(hall, "voice: {volumes: {12:00: 50}}\n").load().rules
    assert rules.voice.volumes == ((43200, 50),)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("languages: [hakka]", "languages"),
        ("languages: mandarin", "languages"),
        ("repeats: 0", "repeats"),
        ("repeats: 4", "repeats"),
        ("one: er", "one"),
        ("pile_up: 0", "pile_up"),
        ("english_on_ticket: perhaps", "english_on_ticket"),
        ("volume: 101", "volume"),
        ("volume: -1", "volume"),
        ('volumes: {"25:00": 50}', "25:00"),
        ('volumes: {"12:60": 50}', "12:60"),
        ('volumes: {"12:00": loud}', "12:00"),
        ("quiet: [noon]", "noon"),
        ("quiet: [13:00-12:00]", "13:00-12:00"),
        ("readings: {hakka: {号: hao4}}", "hakka"),
        ("readings: {mandarin: {号: ''}}", "号"),
        ("louder: true", "louder"),
    ],
)
def test_a_slip_is_named_with_its_line(hall, line, names):
    problems = with_voice(hall, f"voice:\n  {line}\n").problems()
    found = [p for p in problems if names in str(p)]
    assert found, [str(p) for p in problems]
    where = hall.read("hall.yaml").split("\n").index(f"  {line}") + 1
    assert {p.line for p in found} <= {where, where - 1}
    assert {p.file for p in found} == {"hall.yaml"}
