"""Every word that is used exists in every language, with the same placeholders, and none is kept that is not used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bot.texts import Texts, find_locales, list_languages
from flows.language import NAMES
from flows.words import LANGUAGES, WORDS

ROOT = Path(__file__).parent.parent.parent
KEY = re.compile(r"[a-z]+(?:\.[a-z_]+)+")


def list_strings() -> Iterator[str]:
    for file in sorted([*ROOT.glob("flows/**/*.py"), *ROOT.glob("bot/**/*.py")]):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def list_text_keys() -> Iterator[str]:
    """The first argument of every `Text(…)` and `note(…)` in the flows."""
    for file in sorted(ROOT.glob("flows/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in ("Text", "note") and isinstance(node, ast.Call) and node.args:
                strings = [str(part.value) for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                yield from (string for string in strings if KEY.fullmatch(string))


def keys() -> set[str]:
    texts = (find_locales() / "en" / "LC_MESSAGES" / "frontdesk.po").read_text()
    return set(re.findall(r'^msgid "(.+)"$', texts, re.MULTILINE))


def test_catalogues_agree() -> None:
    assert Texts(find_locales()).check() == ()


def test_every_key_that_is_used_exists() -> None:
    assert set(list_text_keys()) - keys() == set()


def test_every_refusal_of_a_vendor_has_its_words() -> None:
    raised = {string for string in list_strings() if KEY.fullmatch(string) and string.startswith("error.")}
    assert raised - keys() == set()


def test_every_key_that_exists_is_used() -> None:
    # What a vendor may refuse is listed before every vendor is there.
    assert {key for key in keys() - set(list_strings()) if not key.startswith("error.")} == set()


def test_every_language_shipped_is_understood_and_can_be_chosen() -> None:
    assert set(list_languages(find_locales())) == set(WORDS) == set(LANGUAGES) == set(NAMES)


def test_every_language_understands_the_same_actions() -> None:
    assert {frozenset(actions) for actions in WORDS.values()} == {frozenset(WORDS["en"])}


def test_nobody_is_blamed() -> None:
    for language in list_languages(find_locales()):
        text = (find_locales() / language / "LC_MESSAGES" / "frontdesk.po").read_text().lower()
        assert not re.search(r"\b(oops|ups|invalid|inválid[oa]|illegal|wrong input|error)\b", re.sub(r'msgid ".*"', "", text))
