"""What people read and hear: the same keys and the same gaps in every language."""

import ast
import importlib
import pkgutil
import re
import string
from pathlib import Path

import pytest

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


def rooms(language):
    """The files of a language: name → its keys."""
    folder = importlib.import_module(f"hallctl.texts.{language}")
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    return {n: set(importlib.import_module(f"{folder.__name__}.{n}").TEXTS) for n in names}


@pytest.mark.parametrize(("language", "merged"), [("zh", ZH), ("en", EN)])
def test_every_key_is_written_in_one_file_of_a_language(language, merged):
    assert sum(map(len, rooms(language).values())) == len(merged)


def test_a_key_stands_in_the_same_file_of_every_language():
    assert rooms("zh") == rooms("en")


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
