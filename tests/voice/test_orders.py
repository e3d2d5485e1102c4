"""Whatever stands on a line of the player's input, it is an order or it is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallctl.voice.orders import Look, OrderError, Say, Stop, read_order

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
words = st.sampled_from(["say", "stop", "look", "chime", "sentences", "volume"])


def read(line):
    try:
        return read_order(line)
    except OrderError as problem:
        return problem


@given(st.binary(max_size=80))
def test_any_bytes_are_an_order_or_refused(line):
    assert isinstance(read(line), Say | Stop | Look | OrderError)


@given(st.dictionaries(words, anything))
def test_any_values_of_the_known_words_are_an_order_or_refused(asked):
    order = read(json.dumps(asked).encode())
    if isinstance(order, Say):
        assert 0 <= order.volume <= 100
        assert order.chime in {"full", "short", "none"}
        assert all(isinstance(clip, str) for _, clips in order.sentences for clip in clips)


def test_an_announcement_is_read_as_it_was_written():
    line = (
        b'{"say":"v:1.2","chime":"short","sentences":[["mandarin",["0","pause:250"]]],"volume":7}'
    )
    order = read_order(line)
    assert (order.id, order.chime, order.volume) == ("v:1.2", "short", 7)
    assert order.sentences == (("mandarin", ("0", "pause:250")),)
    assert not order.stopped.is_set()


@pytest.mark.parametrize("word", ["say", "stop", "look"])
def test_a_name_is_a_word_of_bounded_length(word):
    for name in (None, 3, "", "x" * 201, ["x"], True):
        with pytest.raises(OrderError):
            read_order(json.dumps({word: name}).encode())


def test_whose_order_was_not_understood_is_told_where_it_can_be():
    with pytest.raises(OrderError) as refused:
        read_order(b'{"say": "7", "volume": 300}')
    assert refused.value.id == "7"
