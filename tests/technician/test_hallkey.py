"""A key file: what is wrong with it is said in words, and it is never half believed."""

import json
import os

import pytest
import zmq

from hallctl.keyring import HallKey, Keyring, KeyringError
from hallctl.roles import standing_of


def refused(what, path):
    with pytest.raises(KeyringError) as found:
        HallKey.read(path)
    assert found.value.what == what
    assert found.value.words("zh") != found.value.words("en") == str(found.value)
    return found.value


@pytest.fixture
def written(tmp_path):
    ring = Keyring(tmp_path / "s" / "keys")
    ring.init()
    path = tmp_path / "window-3.hallkey"
    ring.enrol("window-3", standing_of("window:3"), None, "tcp://192.0.2.5:7700").write(path)
    return path


def test_a_key_file_cut_anywhere_is_refused_in_words(written):
    whole = written.read_bytes()
    for length in range(len(whole.rstrip())):
        written.write_bytes(whole[:length])
        problem = None
        try:
            HallKey.read(written)
        except KeyringError as found:
            problem = found
        assert problem is not None
        assert problem.what in {"key_damaged", "key_strange"}
        assert problem.what == "key_damaged" or 0 < length < 20
        assert str(written) in problem.words("zh")


@pytest.mark.parametrize("others", [0o604, 0o640, 0o602, 0o620, 0o666, 0o777])
def test_a_key_file_open_to_others_is_refused(written, others):
    written.chmod(others)
    assert "chmod 600" in refused("open", written).words("zh")


def test_a_key_file_that_is_not_there_says_where_they_are_made(tmp_path):
    problem = refused("key_missing", tmp_path / "no.hallkey")
    assert "hallctl keys enrol" in problem.words("zh")


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n", b"{}", b"[]", b"3", b'{"hallctl-server": 1}', b"[" * 4000,
            b"x" * 5000, b"-----BEGIN OPENSSH PRIVATE KEY-----\n"]
)  # fmt: skip
def test_another_file_is_no_key(written, raw):
    written.write_bytes(raw)
    refused("key_strange", written)


def test_a_folder_or_a_pipe_is_no_key(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        refused("key_strange", path)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"hallctl-key": 2}, "newer"),
        ({"name": "X"}, "key_damaged"),
        ({"name": None}, "key_damaged"),
        ({"role": "boss"}, "key_damaged"),
        ({"role": 3}, "key_damaged"),
        ({"address": "tcp://*:7700"}, "key_damaged"),
        ({"address": None}, "key_damaged"),
        ({"server": "x"}, "key_damaged"),
        ({"server": ""}, "key_damaged"),
        ({"public": zmq.curve_keypair()[0].decode()}, "key_damaged"),
        ({"secret": "x"}, "key_damaged"),
        ({"secret": zmq.curve_keypair()[1].decode()}, "key_damaged"),
        ({"secret": ""}, "key_without_secret"),
    ],
)
def test_a_changed_key_file_is_refused(written, changed, what):
    written.write_text(json.dumps(json.loads(written.read_text()) | changed))
    refused(what, written)


def test_fields_of_later_versions_in_a_key_file_are_passed_over(written):
    written.write_text(json.dumps(json.loads(written.read_text()) | {"colour": "red"}))
    assert HallKey.read(written).name == "window-3"


def test_a_key_file_written_over_another_leaves_its_neighbours_alone(written):
    neighbour = written.with_suffix(".new")
    neighbour.write_text("somebody's")
    HallKey.read(written).write(written)
    assert neighbour.read_text() == "somebody's"
