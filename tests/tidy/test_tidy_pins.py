"""Every package that is installed has one exact version, and the environment has that one."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINES = [
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
PINS = {canonicalize_name(name): version for name, _, version in (x.partition("==") for x in LINES)}


def needed() -> dict[str, str]:
    """Everything pyproject asks for and what that asks for in turn, with its installed version."""
    asked = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["build-system"]["requires"],
        *PROJECT["dependency-groups"]["dev"],
    ]
    waiting = [(Requirement(text), frozenset({""})) for text in asked]
    found: dict[str, str] = {}
    while waiting:
        requirement, extras = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not any(
            requirement.marker.evaluate({"extra": e}) for e in extras
        ):
            continue
        if name in found and not requirement.extras:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # evdev, where nothing can be compiled
            continue
        found[name] = package.version
        inner = frozenset({"", *requirement.extras})
        waiting += [(Requirement(text), inner) for text in package.requires or []]
    return found


def test_a_pin_names_one_exact_version_and_no_address():
    odd = [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert odd == []
    assert len(PINS) == len(LINES)


def test_every_package_that_is_needed_has_a_pin_and_is_installed_at_it():
    off = {
        name: (version, PINS.get(name))
        for name, version in needed().items()
        if PINS.get(name) != version
    }
    assert off == {}, "installed and pinned differ: make setup, or make constraints"


def test_what_builds_hallctl_is_pinned_too():
    for name in ("hatchling", "editables", "setuptools"):
        assert name in PINS
