"""What people read and hear: the same keys and the same gaps in every language."""

import ast
import re
import string
from pathlib import Path

import pytest

from hallctl import texts
from hallctl.texts import EN, ZH

ROOT = Path(__file__).parents[2]


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def keys_said(source: str) -> set[str]:
    """Keys that `say(language, "key", …)` names outright."""
    return {
        node.args[1].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "say"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }


def test_chinese_and_english_have_the_same_keys():
    assert sorted(set(ZH) ^ set(EN)) == []


def test_no_key_is_written_in_two_files_of_a_language():
    parts = [v for name, v in vars(texts).items() if re.fullmatch("ZH_[A-Z]+", name)]
    assert len(parts) > 1
    assert sum(map(len, parts)) == len(ZH)


@pytest.mark.parametrize("key", sorted(set(ZH) & set(EN)))
def test_a_text_has_the_same_gaps_in_both_languages(key):
    # Choices of a strip (`longest|…|shortest`) may say less and less: the whole is compared.
    assert gaps(ZH[key]) == gaps(EN[key])


@pytest.mark.parametrize("key", sorted(ZH))
def test_a_chinese_text_can_be_printed_and_shown(key):
    # Printers and strips take GB18030; characters beyond GBK are not in their fonts.
    ZH[key].encode("gbk" if not key.startswith("status.") else "gb18030")
    assert ZH[key].strip() == ZH[key]


def test_english_has_no_chinese_letters_but_where_it_offers_chinese():
    chinese = [key for key, text in EN.items() if re.search(r"[\u4e00-\u9fff]", text)]
    assert [key for key in chinese if not key.endswith(".language")] == []


def test_every_key_that_is_said_is_written():
    said = {
        key
        for folder in ("hallctl", "screens")
        for path in (ROOT / folder).rglob("*.py")
        for key in keys_said(path.read_text())
    }
    assert sorted(said - set(ZH)) == []
