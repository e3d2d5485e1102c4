"""Every word of a self-test can be told to a technician, with what to do, in both languages."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from hallctl.core.reports import Key
from hallctl.core.trial import Result, Wrong
from hallctl.texts import knows, say
from hallctl.texts.findings import found_words, mend_words, step_words

ROOT = Path(__file__).parents[2]
CODES = [code for code in get_args(Wrong) if code]
TOLD_BY = [
    *(ROOT / "drivers").rglob("*.py"),
    *(ROOT / "hallctl" / "protocols").glob("*.py"),
    *(ROOT / "hallctl" / name for name in ("device.py", "exercise.py", "probe.py", "presses.py")),
    ROOT / "hallctl" / "selftest.py",
]
NAMERS = ("Finding", "Question", "TestAsks", "Wanted", "_finding", "_found", "finding")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_has_a_sentence_and_a_remedy(code, language):
    words, mend = say(language, f"found.{code}"), say(language, f"mend.{code}")
    assert found_words(language, "failed", code) == words
    assert mend_words(language, code) == mend
    assert not re.search(r"[。.]\s", words + mend), "one sentence"
    assert not words.endswith(("。", "."))
    assert len(words) <= (20 if language == "zh" else 65), "as long as a cell of the table"
    assert len(mend) > (8 if language == "zh" else 9)
    assert mend != words


def test_no_code_has_words_that_nobody_says():
    from hallctl.texts.zh.technician import TEXTS

    told = {key.partition(".")[2] for key in TEXTS if key.startswith(("found.", "mend."))}
    assert told == set(CODES)


def steps_in(source: str) -> set[str]:
    """The first words of the steps that a source names outright."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in NAMERS:
            continue
        first = 1 if name == "_found" else 0  # where that one has something else
        texts = [*node.args[: first + 1], *(k.value for k in node.keywords if k.arg == "step")]
        for text in texts:
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            begins = parts[0] if parts else None
            if isinstance(begins, ast.Constant) and isinstance(begins.value, str):
                found.add(begins.value.partition(":")[0])
    return found


def test_every_step_that_is_reported_has_words():
    steps = set().union(*(steps_in(path.read_text("utf-8")) for path in TOLD_BY))
    results = {*get_args(Result), *get_args(Wrong), ""}
    assert steps >= {"answer", "wire", "print", "card", "key", "face", "journal", "clock", "disk"}
    assert sorted(step for step in steps - results if not knows(f"step.{step}")) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_step_with_a_detail_names_both(language):
    for key in get_args(Key):
        assert step_words(language, f"key:{key}").endswith(say(language, f"key.{key}"))
    for grade in range(1, 6):
        assert say(language, f"grade.{grade}") in step_words(language, f"face:{grade}")
    assert step_words(language, "answer:3").endswith(" 3")
    assert step_words(language, "clock:zone").endswith(say(language, "step.zone"))


def test_a_step_nobody_wrote_words_for_is_shown_as_it_is():
    assert step_words("zh", "lamp:7") == "lamp 7"
    assert found_words("zh", "failed", "strange") == "strange"
    assert mend_words("zh", "strange") == ""
    assert found_words("zh", "passed", "") == say("zh", "result.passed")


@pytest.mark.parametrize("kind", ["printer", "strip", "keypad", "pad", "voice", "reader"])
def test_every_kind_of_device_has_a_name_and_says_what_its_test_disturbs(kind):
    from hallctl.cli.attaching import candidates

    assert kind in {driver.kind for driver in candidates()}
    for language in ("zh", "en"):
        assert say(language, f"kind.{kind}")
        assert say(language, f"disturb.{kind}")
