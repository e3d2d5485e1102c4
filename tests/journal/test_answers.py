"""A command that comes again is found; one that never came is hardly ever looked for."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallctl import schema
from hallctl.answers import Answers

TODAY, YESTERDAY, BEFORE = "2026-11-24", "2026-11-23", "2026-11-22"


def database():
    db = apsw.Connection(":memory:")
    db.execute(schema.TABLES)
    return db


def carried_out(db, statement):
    text, rows = statement
    db.executemany(text, rows)


ids = st.sets(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1), max_size=30)


@given(ids)
def test_every_answer_is_found_by_who_wrote_it_and_by_who_opens_the_journal_next(keys):
    db = database()
    answers = Answers(db)
    carried_out(db, answers.kept([(key, key.encode()) for key in keys], TODAY))
    for found in (answers, Answers(db)):
        assert {found.get(key) for key in keys} == {key.encode() for key in keys}


def test_of_ten_thousand_answers_new_ids_are_looked_for_once_in_a_thousand():
    db = database()
    answers = Answers(db)
    carried_out(db, answers.kept([(f"kiosk:k:{n}", b"{}") for n in range(10_000)], TODAY))
    looked = []
    db.exec_trace = lambda _, text, __: looked.append(text) or True
    assert not any(answers.get(f"kiosk:k:{n}") for n in range(10_000, 20_000))
    assert len(looked) <= 10


def test_what_was_forgotten_is_not_looked_for_any_more():
    db = database()
    answers = Answers(db)
    for day in (BEFORE, YESTERDAY, TODAY):
        carried_out(db, answers.kept([(day, b"{}")], day))
    carried_out(db, answers.forgotten(TODAY))
    answers.look()
    looked = []
    db.exec_trace = lambda _, text, __: looked.append(text) or True
    assert [answers.get(day) for day in (BEFORE, YESTERDAY, TODAY)] == [None, b"{}", b"{}"]
    assert len(looked) == 2


def test_an_answer_that_was_changed_is_not_told():
    db = database()
    answers = Answers(db)
    carried_out(db, answers.kept([("kiosk:k:1", b'{"ok":true}')], TODAY))
    db.execute("UPDATE answers SET answer=?", (b'{"ok":false}',))
    with pytest.raises(ValueError, match="kiosk:k:1 was changed"):
        answers.get("kiosk:k:1")
