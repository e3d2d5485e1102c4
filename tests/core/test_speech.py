"""What the voice reads, against rule tables written here from domain.md (b), not the module's."""

from dataclasses import replace
from itertools import pairwise

import pytest

from hallctl.config.load import load
from hallctl.core import speech
from hallctl.core.rules import Queue, VoiceRules
from hallctl.core.speech import ClipWords, clips_needed, languages_of, sentence, words_of
from hallctl.device import driver_class
from running import ROOT
from sample import RULES, VOICED

LANGUAGES = ("mandarin", "cantonese", "english")
HAN = "零一二三四五六七八九"
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
JYUTPING = ["ling4", "jat1", "ji6", "saam1", "sei3", "ng5", "luk6", "cat1", "baat3", "gau2"]
PINYIN = ["ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"]
LABELS = [f"A{n:03d}" for n in (*range(1, 1000), 1000, 1001, 1234, 2222, 9999)]
"""Every ticket of a day, and those of a day nobody has had yet."""


def han(number):
    """A number as a number: 十 for 10, 一十 only behind a hundred, 零 for a hole between."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{HAN[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else HAN[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (HAN[ones] if ones else "")


def english(number):
    rest = number % 100
    words = [ENGLISH[number // 100], "hundred"] if number >= 100 else []
    if rest >= 20:
        words += [TENS[rest // 10 - 2]] + ([ENGLISH[rest % 10]] if rest % 10 else [])
    elif rest >= 10:
        words.append(TEENS[rest - 10])
    elif rest:
        words.append(ENGLISH[rest])
    return " ".join(words)


def call_of(language, digits, window, prefix="A"):
    """The whole sentence of a call, as people would write it down."""
    one_by_one = "".join(HAN[int(d)] for d in digits)
    return {
        "mandarin": f"请{prefix}{one_by_one}号，到{han(window)}号窗口办理",
        "cantonese": f"請{prefix}{one_by_one}號，到{han(window)}號窗口辦理",
        "english": f"number {prefix} {' '.join(ENGLISH[int(d)] for d in digits)},"
        f" please go to window {english(window)}",
    }[language]


def short_of(language, digits, window):
    read = "".join(HAN[int(d)] for d in digits)
    return {
        "mandarin": f"A{read}号，{han(window)}号窗口",
        "cantonese": f"A{read}號，{han(window)}號窗口",
        "english": f"A {' '.join(ENGLISH[int(d)] for d in digits)}, window {english(window)}",
    }[language]


def read(rules, language, clips):
    """What the clips say, as spoken: the reading where there is one."""
    found = []
    for clip in clips:
        if not clip.startswith("pause:"):
            words = words_of(rules, language, clip)
            found.append(words.reading or words.text)
    return " ".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ticket_is_read_digit_by_digit(language):
    for label in LABELS:
        found = sentence(RULES, language, "call", label=label, window=6)
        assert found.text == call_of(language, label[1:], 6), label
        found = sentence(RULES, language, "short", label=label, window=6)
        assert found.text == short_of(language, label[1:], 6), label


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_window_is_read_as_a_number(language):
    for window in range(1, 1000):
        found = sentence(RULES, language, "call", label="A001", window=window)
        assert found.text == call_of(language, "001", window), window


@pytest.mark.parametrize(
    ("number", "chinese", "in_english"),
    [
        (1, "一", "one"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (11, "十一", "eleven"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (21, "二十一", "twenty one"),
        (99, "九十九", "ninety nine"),
        (100, "一百", "one hundred"),
        (101, "一百零一", "one hundred one"),
        (110, "一百一十", "one hundred ten"),
        (112, "一百一十二", "one hundred twelve"),
        (202, "二百零二", "two hundred two"),
        (220, "二百二十", "two hundred twenty"),
        (999, "九百九十九", "nine hundred ninety nine"),
    ],
)
def test_numbers_of_windows_that_are_easily_read_wrong(number, chinese, in_english):
    """Written out by hand, so that the tables above are checked too."""
    assert (han(number), english(number)) == (chinese, in_english)
    said = {x: sentence(RULES, x, "short", label="A1", window=number).text for x in LANGUAGES}
    assert said["mandarin"] == f"A一号，{chinese}号窗口"
    assert said["cantonese"] == f"A一號，{chinese}號窗口"
    assert said["english"] == f"A one, window {in_english}"


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_a_window_beyond_those_there_can_be_is_refused(number):
    with pytest.raises(ValueError, match="windows are numbered 1 to 999"):
        speech.number_of(number, "mandarin")


def test_two_is_never_liang_and_zero_is_always_ling():
    said = "".join(
        sentence(RULES, x, "call", label=label, window=22).text
        for x in ("mandarin", "cantonese")
        for label in ("A222", "A200", "A002")
    )
    assert not set(said) & set("两兩〇○")
    assert said.count("零") == 2 * 4


def test_the_pinyin_of_a_call_is_the_one_people_know():
    clips = sentence(RULES, "mandarin", "call", label="A207", window=12).clips
    assert read(RULES, "mandarin", clips) == (
        "qing3 A er4 ling2 qi1 hao4 dao4 shi2 er4 hao4 chuang1 kou3 ban4 li3"
    )
    for digit, pinyin in enumerate(PINYIN):
        assert words_of(RULES, "mandarin", str(digit)).reading == pinyin


def test_the_jyutping_of_a_call_is_that_of_the_notes():
    """domain.md (b): cing2 A, ling4 ling4 jat1 hou6, dou3 saam1 hou6 coeng1 hau2 baan6 lei5."""
    clips = sentence(RULES, "cantonese", "call", label="A001", window=3).clips
    assert read(RULES, "cantonese", clips) == (
        "cing2 ei1 ling4 ling4 jat1 hou6 dou3 saam1 hou6 coeng1 hau2 baan6 lei5"
    )
    for digit, jyutping in enumerate(JYUTPING):
        assert words_of(RULES, "cantonese", str(digit)).reading == jyutping
    for letter, jyutping in (("c", "si1"), ("f", "e1 fu4"), ("q", "kiu1"), ("l", "e1 lou4")):
        assert words_of(RULES, "cantonese", f"letter-{letter}").reading == jyutping


def test_the_fixed_sentences_stand_as_the_notes_write_them():
    """domain.md (b), Voice; the evacuation's and the rehearsal's are ours."""
    said = {
        phrase: sentence(RULES, "mandarin", phrase, label="A001", window=3).text
        for phrase in ("call", "recall", "missed", "rehearsal", "lunch")
    }
    assert said == {
        "call": "请A零零一号，到三号窗口办理",
        "recall": "请A零零一号，尽快到三号窗口",
        "missed": "A零零一号已过号，请到导办台",
        "rehearsal": "演练，到三号窗口",
        "lunch": "上午服务结束，下午继续",
    }
    missed = sentence(RULES, "cantonese", "missed", label="A001").text
    assert missed == "A零零一號已過號，請到導辦台"


def test_after_the_number_comes_a_quarter_of_a_second_of_rest():
    for language in LANGUAGES:
        clips = sentence(RULES, language, "call", label="A017", window=3).clips
        rest = clips.index("pause:250")
        before = [x for x in clips[:rest] if x.isdigit()]
        assert before == ["0", "1", "7"]
        assert clips[rest + 1] == "to"


def test_a_one_is_yao_by_setting_in_mandarin_alone_and_never_in_a_windows_number():
    rules = replace(RULES, voice=VoiceRules(one="yao"))
    found = sentence(rules, "mandarin", "call", label="A110", window=11)
    assert found.text == "请A幺幺零号，到十一号窗口办理"
    assert read(rules, "mandarin", found.clips).startswith("qing3 A yao1 yao1 ling2 hao4")
    for label in LABELS:
        text = sentence(rules, "mandarin", "call", label=label, window=1).text
        digits = "".join(HAN[int(d)] for d in label[1:]).replace("一", "幺")
        assert text == f"请A{digits}号，到一号窗口办理"
        for language in ("cantonese", "english"):
            own = sentence(rules, language, "call", label=label, window=1)
            assert own == sentence(RULES, language, "call", label=label, window=1)
    assert "yao" in clips_needed(rules, "mandarin")
    assert "yao" not in clips_needed(rules, "cantonese")
    assert "yao" not in clips_needed(RULES, "mandarin")


@pytest.fixture(scope="module")
def chini():
    return load(ROOT, driver_class=driver_class).rules


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_queue_and_every_window_of_the_hall_can_be_called(chini, language):
    assert [q.prefix for q in chini.queues] == ["A", "B", "C", "F", "Q", "L"]
    for queue in chini.queues:
        for window in (w.number for w in chini.windows):
            found = sentence(chini, language, "call", label=f"{queue.prefix}015", window=window)
            assert found.text == call_of(language, "015", window, queue.prefix)


def test_letters_are_read_in_english_in_mandarin_and_by_the_jyutping_in_cantonese(chini):
    for queue in chini.queues:
        clip = f"letter-{queue.prefix.lower()}"
        assert words_of(chini, "mandarin", clip) == ClipWords(queue.prefix, "", "english")
        assert words_of(chini, "english", clip) == ClipWords(queue.prefix, "", "english")
        own = words_of(chini, "cantonese", clip)
        assert (own.text, own.by) == (queue.prefix, "cantonese")
        assert own.reading


def with_chinese_prefix(**voice):
    queue = Queue("Z", "综合服务", "General services", "综合", "综", (1,))
    return replace(RULES, queues=(queue, *RULES.queues), voice=VoiceRules(**voice))


def test_a_chinese_prefix_is_read_as_its_queues_name():
    rules = with_chinese_prefix()
    said = {x: sentence(rules, x, "call", label="综015", window=3).text for x in LANGUAGES}
    assert said["mandarin"] == "请综合服务零一五号，到三号窗口办理"
    assert said["cantonese"] == "請综合服务零一五號，到三號窗口辦理"
    assert said["english"] == "number General services zero one five, please go to window three"


def test_two_letters_before_the_number_are_read_one_by_one():
    queue = replace(RULES.queues[0], prefix="AB")
    rules = replace(RULES, queues=(queue,))
    found = sentence(rules, "mandarin", "call", label="AB007", window=1)
    assert found.clips[1:3] == ("letter-a", "letter-b")
    assert {"letter-a", "letter-b"} <= clips_needed(rules, "mandarin").keys()


def test_a_reading_of_the_halls_own_is_taken_in_its_language_alone():
    rules = with_chinese_prefix(
        readings=(
            ("mandarin", "综合服务", "zong1 he2 fu2 wu4"),
            ("mandarin", "号", "hao2"),
            ("cantonese", "號", "hou4"),
        )
    )
    assert words_of(rules, "mandarin", "queue-z").reading == "zong1 he2 fu2 wu4"
    assert words_of(rules, "mandarin", "number").reading == "hao2"
    assert words_of(rules, "cantonese", "number").reading == "hou4"
    assert words_of(rules, "cantonese", "queue-z").reading == ""
    assert words_of(rules, "mandarin", "please").reading == "qing3", "others as they were"
    assert words_of(rules, "mandarin", "number").text == "号", "what is written stays"


@pytest.mark.parametrize("clip", ["queue-nobody", "nothing", "11"])
def test_a_clip_nobody_knows_is_an_error_and_not_silence(clip):
    with pytest.raises(KeyError, match=f"mandarin/{clip}"):
        words_of(RULES, "mandarin", clip)


def every_sentence(rules, language):
    """Whatever the hall can come to say: each label's form, each window, each phrase."""
    phrases = ("call", "recall", "short", "missed", "rehearsal", "lunch", "evacuation", "test")
    windows = [w.number for w in rules.windows]
    for queue in rules.queues:
        for number in (*range(1, 1000, 7), 1000, 1234567890):
            for phrase in phrases:
                label = f"{queue.prefix}{number:03d}"
                window = windows[number % len(windows)]
                yield sentence(rules, language, phrase, label=label, window=window)
        for window in windows:
            yield sentence(rules, language, "call", label=f"{queue.prefix}001", window=window)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", ["yi", "yao"])
@pytest.mark.parametrize("windows", [(1, 2, 3), (9, 10, 11, 20, 21, 99), (100, 101, 110, 999)])
def test_the_clips_asked_for_are_those_of_every_sentence_and_no_others(language, one, windows):
    rules = with_chinese_prefix(one=one)
    rules = replace(
        rules, windows=tuple(replace(RULES.windows[0], number=number) for number in windows)
    )
    used = {
        clip
        for said in every_sentence(rules, language)
        for clip in said.clips
        if not clip.startswith("pause:")
    }
    asked = clips_needed(rules, language)
    assert used == asked.keys()
    for name, words in asked.items():
        assert words.text, name
        assert words == words_of(rules, language, name)


def test_the_clips_of_the_real_hall_are_asked_for_too(chini):
    for language in LANGUAGES:
        asked = clips_needed(chini, language).keys()
        for said in every_sentence(chini, language):
            assert {c for c in said.clips if not c.startswith("pause:")} <= asked


def test_every_chinese_clip_has_a_reading_with_a_tone_for_each_syllable():
    for language in ("mandarin", "cantonese"):
        for name, words in clips_needed(RULES, language).items():
            if words.by != language:
                continue
            syllables = words.reading.split()
            assert all(s[:-1].isalpha() and s[-1] in "123456" for s in syllables), name
            if not name.startswith("letter-"):
                assert len(syllables) == len(words.text), name


def test_the_same_phrases_can_be_said_in_every_language():
    languages = [x.PHRASES.keys() for x in speech._LANGUAGES.values()]
    assert all(one == other for one, other in pairwise(languages))


def test_a_hall_speaks_its_languages_and_english_where_a_ticket_may_ask_for_it():
    assert languages_of(RULES) == LANGUAGES
    only = replace(VOICED, voice=VoiceRules(languages=("cantonese",), english_on_ticket=False))
    assert languages_of(only) == ("cantonese",)
    first = replace(VOICED, voice=VoiceRules(languages=("english", "mandarin")))
    assert languages_of(first) == ("english", "mandarin")
    silent = replace(VOICED, voice=VoiceRules(languages=()))
    assert languages_of(silent) == (), "a chime without words"
