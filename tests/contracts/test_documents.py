"""What the documents say is checked where it can be: files, settings, commands, packages."""

import re
import tomllib
from pathlib import Path
from textwrap import dedent

import click
import pytest

from bot.cli import frontdesk
from bot.settings import Settings, check_settings

PROJECT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".github/SECURITY.md", "docs/decisions/README.md")
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH_IN_CODE = re.compile(r"`((?:bot|flows|locales|tests|docs|benchmarks)/[\w./-]*)`")
ENVIRONMENT = {"HARBOUR_KEY": "k", "HARBOUR_TELEGRAM": "1:t", "HARBOUR_TELEGRAM_SECRET": "s"}


@pytest.fixture(scope="module")
def readme() -> str:
    return (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, *(str(file) for file in sorted(PROJECT.glob("docs/*/[0a-z]*.md")) if file.stem != "template")]
)
def test_every_file_a_document_names_exists(document: str) -> None:
    file = PROJECT / document
    text = file.read_text(encoding="utf-8")
    links = [file.parent / found for found in LINK.findall(text)]
    paths = [PROJECT / found for found in PATH_IN_CODE.findall(text)]
    assert [str(path) for path in (*links, *paths) if not path.exists()] == []


def test_example_settings_are_accepted(readme: str) -> None:
    example = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert example
    settings = check_settings(tomllib.loads(dedent("   " + example[1])), ENVIRONMENT, languages=("en", "es"))
    assert settings.businesses["harbour"].staff.chats[0].chat_id == "-1001234567890"


def test_settings_table_names_settings_that_exist(readme: str) -> None:
    named = re.findall(r"`(?:server|redis|businesses\.<slug>|…)\.([a-z_.]+)`", readme)
    properties = {name for table in Settings.model_json_schema()["$defs"].values() for name in table["properties"]}
    assert named
    assert {part for name in named for part in name.split(".")} - properties == set()


def test_every_package_is_explained(readme: str) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [re.split(r"[\[<>=;]", line)[0] for line in project["dependencies"]]
    table = readme.partition("| package | why |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([a-z][a-z-]+) \|", table, re.MULTILINE) == needed


def test_commands_named_exist(readme: str) -> None:
    assert isinstance(frontdesk, click.Group)
    named = set(re.findall(r"frontdesk (?:--[a-z-]+ \w+ )?([a-z]+)", readme)) & {
        "demo",
        "serve",
        "sandbox",
        "check",
        "graph",
        "run",
    }
    assert {"serve", "check", "graph"} <= named <= set(frontdesk.commands)


def test_tests_named_exist() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", (PROJECT / ".github/SECURITY.md").read_text(encoding="utf-8")))
    sources = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "tests" / "security").glob("test_*.py"))
    assert len(named) > 10
    assert {name for name in named if f"def {name}(" not in sources} == set()


def test_make_targets_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", (PROJECT / document).read_text(encoding="utf-8"), re.MULTILINE))
        assert {one or other for one, other in named} - targets == set(), document
