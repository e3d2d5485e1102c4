"""What may stand in the repository, and what may not."""

import importlib.util
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("hallctl", "drivers", "screens")
FILE_BYTES = 1 << 20

# Written in pieces, for this file is searched too.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:work" + r"|root)(?![\w-])")
INDEX_HOST = re.compile(
    "|".join(
        (
            "pypi" + r"\.(?:org|io)",
            "python" + "hosted",
            "deb" + r"\.debian",
            "archive" + r"\.ubuntu",
        )
    )
    + "|npm"
    + r"js\.(?:org|com)|index"
    + "-url"
)


def kept_files() -> list[Path]:
    """Every file git keeps or would keep."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: which files are kept is not known here")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in kept_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def intruders(homes: dict[str, Path]) -> list[str]:
    """The packages that do not stand beside hallctl."""
    return [f"{name} is {home}" for name, home in homes.items() if home.parent != ROOT]


def test_the_three_packages_share_a_parent_folder():
    homes = {}
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        assert found is not None, f"{name} cannot be imported"
        assert found.origin is not None, f"{name} has no __init__.py"
        homes[name] = Path(found.origin).parent
    assert intruders(homes) == []


def test_an_intruder_among_the_packages_is_named():
    assert intruders({"drivers": Path("/usr/lib/drivers")}) == ["drivers is /usr/lib/drivers"]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_file_holds_a_docstring_only(name):
    text = (ROOT / name / "__init__.py").read_text()
    assert re.fullmatch(r'\s*""".*?"""\s*', text, re.DOTALL)


def test_no_path_of_a_developers_machine_is_committed():
    assert lines_with(MACHINE_PATH) == []


def test_no_address_of_a_package_index_is_committed():
    assert lines_with(INDEX_HOST) == []


def test_no_kept_file_is_larger_than_one_mebibyte():
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in kept_files()}
    assert {name: size for name, size in sizes.items() if size > FILE_BYTES} == {}


def test_the_changelog_has_the_version_of_pyproject():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$",
        (ROOT / "CHANGELOG.md").read_text(),
        re.MULTILINE,
    )


def test_the_decisions_are_numbered_without_a_gap_and_have_their_three_parts():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{path.name} lacks {part}"


def test_every_link_between_documents_leads_somewhere():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert dead == []
