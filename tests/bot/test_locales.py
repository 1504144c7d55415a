"""The shipped sentences: complete in every language, and exactly those that the code says."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalogue import DOMAIN, Catalogue
from bot.conversation.contract import Text
from bot.texts import Texts, find_locales

PROJECT = Path(__file__).parents[2]
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(find_locales(), is_strict=True)


def test_every_language_is_complete(texts: Texts) -> None:
    assert texts.check() == ()


def test_english_and_spanish_are_shipped(texts: Texts) -> None:
    assert {"en", "es"} <= set(texts.languages)


def test_days_are_named_in_every_language(texts: Texts) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for language in texts.languages:
        worded = {texts.word(Text(key, {"day": "17:00"}), language, now=now) for key in ("when.today", "when.tomorrow")}
        assert len(worded) == 2
        assert all("17:00" in sentence for sentence in worded)


def test_every_key_the_code_names_has_a_sentence(texts: Texts) -> None:
    said = {key for key in _find_keys(called_text=True)}
    assert said
    assert sorted(said - _read_keys()) == []


def test_every_sentence_is_said_somewhere(texts: Texts) -> None:
    named = {key for key in _find_keys(called_text=False)}
    assert sorted(_read_keys() - named) == []


def _read_keys() -> frozenset[str]:
    return Catalogue.read(find_locales() / "en" / "LC_MESSAGES" / f"{DOMAIN}.po", "en").keys


def _find_keys(*, called_text: bool) -> Iterator[str]:
    """Texts in the code that look like keys; with `called_text`, only those handed to `Text` right away."""
    for folder in ("bot", "flows"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if called_text and not (isinstance(node, ast.Call) and _is_text(node.func)):
                    continue
                candidate = node.args[0] if isinstance(node, ast.Call) and called_text and node.args else node
                if isinstance(candidate, ast.Constant) and isinstance(candidate.value, str) and KEY.fullmatch(candidate.value):
                    yield candidate.value


def _is_text(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "Text"
