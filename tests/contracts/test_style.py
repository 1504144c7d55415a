"""What may not stand in a tracked file: a package registry's address, a path of somebody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

# Put together here, so that this file passes its own test.
REGISTRY = re.compile("|".join(("py" + r"pi\.org", "pythonhosted" + r"\.org", "index" + "-url", "find" + "-links")))
HOME = re.compile(r"(?<![\w./-])/(?:" + "root" + "|" + "home/" + r"\w+|" + "Users/" + r"\w+)/")

TOP = frozenset(
    {"bot", "flows", "locales", "tests", "docs", "benchmarks", ".github", ".ci"}
    | {"pyproject.toml", "requirements.txt", "requirements-dev.txt", "Makefile", "Dockerfile", "docker-compose.yml"}
    | {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"}
    | {".gitignore", ".gitattributes", ".editorconfig", ".pre-commit-config.yaml", ".dockerignore"}
)
"""What people expect to find at the top, and nothing else."""


@pytest.fixture(scope="module")
def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return [PROJECT / name for name in listed.split("\0") if name and (PROJECT / name).is_file()]


@pytest.mark.parametrize("pattern", [REGISTRY, HOME], ids=["registry", "home"])
def test_no_file_names_a_machine_or_a_registry(files: list[Path], pattern: re.Pattern[str]) -> None:
    found = []
    for file in files:
        content = file.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{file.relative_to(PROJECT)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_top_level_holds_only_what_is_expected(files: list[Path]) -> None:
    assert {file.relative_to(PROJECT).parts[0] for file in files} - TOP == set()
