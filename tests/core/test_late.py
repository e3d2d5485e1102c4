"""A late dataclass is the dataclass it would have been; only its methods are written later."""

import copy
import dataclasses
import inspect
import pickle

import pytest
from pydantic import TypeAdapter

from hallctl.core import late

FROZEN = {"frozen": True, "slots": True, "kw_only": True}
KINDS = [FROZEN, {"frozen": True, "slots": True}, {"slots": True}, {}]


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind) or "plain")
def twins(request):
    """The same class, made by `dataclasses` and late, both without a call yet."""

    def made(by):
        @by(**request.param)
        class Word:
            label: str
            window: int = 3
            seen: list[int] = dataclasses.field(default_factory=list, compare=False)
            secret: str = dataclasses.field(default="", repr=False)

        return Word

    return made(dataclasses.dataclass), made(late.dataclass)


def test_it_says_and_compares_the_same(twins):
    for cls in twins:
        assert cls(label="A001") == cls(label="A001", seen=[1])
        assert cls(label="A001") != cls(label="A002")
    told, late_told = (repr(cls(label="A001", secret="x")) for cls in twins)
    assert told == late_told
    assert told.endswith(".Word(label='A001', window=3, seen=[])")


@pytest.mark.parametrize(
    "act",
    [
        lambda cls, made: repr(made), lambda cls, made: made == copy.copy(made),
        lambda cls, made: hash(made),
        lambda cls, made: copy.deepcopy(made), lambda cls, made: cls(label="A002").window,
        lambda cls, made: dataclasses.replace(made, window=4).window, lambda cls, made: cls(),
        lambda cls, made: cls("A003").label, lambda cls, made: cls(label="a", nothing=1),
        lambda cls, made: setattr(made, "window", 5),
        lambda cls, made: delattr(made, "window"), lambda cls, made: dataclasses.asdict(made),
        lambda cls, made: cls.__match_args__, lambda cls, made: hasattr(made, "__dict__"),
    ],
)  # fmt: skip
def test_whatever_is_called_first_does_what_dataclasses_does(twins, act):
    """The instance comes from pydantic, which calls no method of the class to make it."""
    found = []
    for cls in twins:
        made = TypeAdapter(cls).validate_python({"label": "A001"})
        try:
            found.append(("gives", str(act(cls, made))))
        except (TypeError, AttributeError) as problem:
            kind = type(problem)
            kind = AttributeError if issubclass(kind, AttributeError) else kind
            found.append((kind, str(problem).split("A00")[0] if kind is TypeError else ""))
    assert found[0] == found[1] or "object at" in found[0][1]


def test_the_words_of_the_core_can_be_kept_and_read_again():
    from hallctl.core.commands import CallNext
    from hallctl.core.hall import Hall

    asked = CallNext(window=3)
    assert pickle.loads(pickle.dumps(asked)) == asked
    assert pickle.loads(pickle.dumps(Hall(day="2026-11-23"))).day == "2026-11-23"


def test_a_method_is_written_once_and_then_is_the_real_one():
    @late.dataclass(**FROZEN)
    class Word:
        label: str

    before = vars(Word)["__init__"]
    Word(label="a")
    written = vars(Word)["__init__"]
    Word(label="b")
    assert before is not written
    assert vars(Word)["__init__"] is written
    assert list(inspect.signature(Word).parameters) == ["label"]
    assert before(Word.__new__(Word), label="c") is None, "who has kept the old one may call it"
    assert vars(Word)["__init__"] is written
