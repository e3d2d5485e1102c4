"""Tokens: shown once, kept as hashes in a file of one's own, revoked at once."""

import json
import os
import re
import stat

import pytest
from typer.testing import CliRunner

from hallctl.cli.main import app
from hallctl.http.tokens import Tokens, TokensError
from hallctl.roles import Standing


@pytest.fixture
def path(tmp_path):
    return tmp_path / "http-tokens.json"


def test_a_token_is_256_bits_and_only_its_hash_is_kept(path):
    text = Tokens(path).add("desk", "guide")
    assert re.fullmatch(r"hallctl_[A-Za-z0-9_-]{43}", text)
    assert text not in path.read_text()
    assert text[8:] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert text[8:] not in repr(Tokens(path).entries())


def test_a_token_opens_its_role_and_nothing_else_does(path):
    tokens = Tokens(path)
    text = tokens.add("third", "window:3")
    found = Tokens(path).find(text)
    assert (found.name, found.standing) == ("third", Standing("window", "3"))
    for wrong in (
        "",
        text[:-1],
        text + "x",
        text.upper(),
        "hallctl_",
        "中文",
        "\udcff",
        "x" * 10**6,
    ):
        assert tokens.find(wrong) is None


def test_another_process_knows_a_new_and_a_revoked_token_at_once(path):
    here, there = Tokens(path), Tokens(path)
    assert there.find("x") is None
    text = here.add("desk", "guide")
    assert there.find(text).name == "desk"
    here.revoke("desk")
    assert there.find(text) is None
    assert [(t.name, t.revoked_s is None) for t in there.entries()] == [("desk", False)]


def test_a_name_has_one_token_at_a_time(path):
    tokens = Tokens(path)
    first = tokens.add("desk", "guide")
    with pytest.raises(TokensError, match="revoke it first"):
        tokens.add("desk", "guide")
    tokens.revoke("desk")
    second = tokens.add("desk", "window:2")
    assert tokens.find(first) is None
    assert str(tokens.find(second).standing) == "window:2"
    assert len(tokens.entries()) == 1


@pytest.mark.parametrize("name", ["", "Desk", "a b", "-x", "x" * 33, "中"])
def test_a_name_that_would_not_stand_well_in_the_journal_is_refused(path, name):
    with pytest.raises(TokensError, match="small letters"):
        Tokens(path).add(name, "guide")


@pytest.mark.parametrize("role", ["", "king", "window", "window:0", "guide:3", "kiosk"])
def test_a_role_that_is_none_is_refused_with_what_would_be_right(path, role):
    with pytest.raises(TokensError):
        Tokens(path).add("desk", role)
    assert not path.exists()


def test_a_name_without_a_token_cannot_be_revoked(path):
    with pytest.raises(TokensError, match="no token"):
        Tokens(path).revoke("desk")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"hallctl-http-tokens": 2, "tokens": []}', '{"tokens": []}']
)
def test_a_broken_file_lets_nobody_in_and_is_not_written_over(path, body):
    tokens = Tokens(path)
    text = tokens.add("desk", "guide")
    path.write_text(body)
    with pytest.raises(TokensError, match="cannot be read"):
        tokens.find(text)
    with pytest.raises(TokensError):
        tokens.add("other", "guide")
    assert path.read_text() == body


def test_a_file_that_others_can_read_lets_nobody_in(path):
    tokens = Tokens(path)
    text = tokens.add("desk", "guide")
    path.chmod(0o640)
    os.utime(path, ns=(1, 1))
    with pytest.raises(TokensError, match="chmod 600"):
        tokens.find(text)
    path.chmod(0o600)
    assert tokens.find(text).name == "desk"


def test_the_command_line_makes_lists_and_revokes(tmp_path):
    place = ["--hall", str(tmp_path), "--state", str(tmp_path / "s")]
    cli = CliRunner()
    made = cli.invoke(app, ["tokens", "add", "desk", "--role", "guide", *place])
    assert made.exit_code == 0
    text = made.stdout.strip()
    assert Tokens(tmp_path / "s" / "http-tokens.json").find(text).name == "desk"
    listed = cli.invoke(app, ["tokens", "list", "--json", *place])
    (row,) = json.loads(listed.stdout)
    assert (row["name"], row["role"], row["revoked_s"]) == ("desk", "guide", None)
    assert "sha256" not in row
    assert cli.invoke(app, ["tokens", "revoke", "desk", *place]).exit_code == 0
    again = cli.invoke(app, ["tokens", "revoke", "desk", *place])
    assert again.exit_code == 1
    assert "no token" in again.stderr
    assert "desk" in cli.invoke(app, ["tokens", "list", *place]).stdout
