"""The shipped sentences from the engine's side; tests/flows/test_locales.py looks from the flows'."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalogue import DOMAIN, Catalogue
from bot.checking import COMMANDS
from bot.conversation.contract import Text
from bot.texts import Texts, find_locales

BOT = Path(__file__).parents[2] / "bot"
KEY = re.compile(r"[a-z]+(\.[a-z_]+)+")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(find_locales(), is_strict=True)


def test_every_language_is_complete_with_the_plurals_of_cldr(texts: Texts) -> None:
    assert texts.check() == ()


def test_english_and_spanish_are_shipped(texts: Texts) -> None:
    assert {"en", "es"} <= set(texts.languages)


def test_days_are_named_in_every_language(texts: Texts) -> None:
    for language in texts.languages:
        worded = {texts.word(Text(key, {"day": "17:00"}), language, now=NOW) for key in ("when.today", "when.tomorrow")}
        assert len(worded) == 2
        assert all("17:00" in sentence for sentence in worded)


def test_every_key_the_engine_names_has_a_sentence() -> None:
    named = set(_find_keys())
    assert "page.more" in named
    assert sorted((named | set(COMMANDS.values())) - _read_keys()) == []


def test_commands_are_described_as_telegram_takes_them(texts: Texts) -> None:
    for language in texts.languages:
        for name, key in COMMANDS.items():
            assert re.fullmatch("[a-z0-9_]{1,32}", name)
            assert 1 <= len(texts.word(Text(key), language, now=NOW)) <= 256


def _read_keys() -> frozenset[str]:
    return Catalogue.read(find_locales() / "en" / "LC_MESSAGES" / f"{DOMAIN}.po", "en").keys


def _find_keys() -> Iterator[str]:
    """What stands first in a `Text(…)` of bot/."""
    for file in sorted(BOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and KEY.fullmatch(key.value):
                    yield key.value
