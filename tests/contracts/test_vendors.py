"""Every vendor that the settings know has everything that a vendor needs: the list stands in CONTRIBUTING."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.sandbox.vendors import EMULATORS
from bot.settings.model import BusinessSettings
from tests.contracts.vendor_table import README, find_table, read_traits, write_table

PROJECT = README.parent


def list_kinds() -> list[str]:
    """What `kind` may be in the settings."""
    accounts = get_args(BusinessSettings.model_fields["vendor"].annotation)
    return [kind for account in accounts for kind in get_args(account.model_fields["kind"].annotation)]


def list_files() -> list[str]:
    """The paths with `<slug>` in them that the recipe names."""
    recipe = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### A vendor\n")[2].partition("\n### ")[0]
    return re.findall(r"`(\w+/[\w./-]*<slug>[\w./-]*)`", recipe)


@pytest.mark.parametrize("kind", list_kinds())
def test_a_vendor_has_every_file_of_the_recipe(kind: str) -> None:
    files = list_files()
    assert len(files) >= 8
    missing = [file for file in (one.replace("<slug>", kind) for one in files) if not (PROJECT / file).exists()]
    assert missing == []


@pytest.mark.parametrize("kind", list_kinds())
def test_a_folder_of_tests_has_tests(kind: str) -> None:
    folders = [Path(one.replace("<slug>", kind)) for one in list_files() if one.startswith("tests/") and one.endswith("/")]
    assert folders
    assert [str(folder) for folder in folders if not list((PROJECT / folder).glob("test_*.py"))] == []


def test_every_vendor_of_the_settings_is_emulated() -> None:
    assert sorted(list_kinds()) == sorted(EMULATORS)


@pytest.mark.parametrize("kind", list_kinds())
def test_traits_are_signed_with_the_slug(kind: str) -> None:
    assert read_traits(kind).slug == kind


def test_the_readmes_table_says_what_the_traits_say() -> None:
    table = find_table(README.read_text(encoding="utf-8"))
    assert table == write_table(), "write it anew: python -m tests.contracts.vendor_table"


def test_vendors_are_listed_in_the_demos_order() -> None:
    assert list(EMULATORS) == list_kinds()
