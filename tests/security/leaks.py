"""Looks for secrets and personal data in what a run has written: logs, metrics, errors, answers."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import phonenumbers

SHORTEST_SECRET = 6
"""Characters. A secret shorter than that stands in any text by accident: use a longer one in the test."""
MANY = 500
"""Words. More than these are looked for as whole words only: one pass over the text instead of one for each."""
LONGEST_EXCERPT = 200

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d(?:[\s().\-/\u00a0]{0,3}\d){6,}")
"""A run of digits as people and machines write phone numbers."""


@dataclass(frozen=True)
class Private:
    """What must not be written anywhere."""

    secrets: Collection[str] = ()
    """Tokens, keys, webhook secrets. Of a bot token also the part behind the colon alone is one."""
    phones: Collection[str] = ()
    """E.164; found in every written form."""
    words: Collection[str] = ()
    """Names, addresses, texts. Distinctive ones: "Mia" may stand in a log for other reasons."""


def find_leaks(text: str, private: Private) -> list[str]:
    """One line for each private thing that stands in `text`: what it is and the first line it stands in."""
    found = [
        *_find_all("secret", _spell_secrets(private.secrets), text),
        *_find_phones(private.phones, text),
        *_find_words(private.words, text),
    ]
    return [f"{kind} {number} ({shown}) in: {line}" for kind, number, shown, line in found]


Found = tuple[str, int, str, str]


def _find_all(kind: str, spellings: Mapping[int, tuple[str, Iterable[str]]], text: str) -> Iterator[Found]:
    folded = text.casefold()
    for number, (name, forms) in spellings.items():
        at = next((at for form in forms if (at := folded.find(form.casefold())) >= 0), -1)
        if at >= 0:
            yield kind, number, _mask(name), _excerpt(folded, at)


def _spell_secrets(secrets: Collection[str]) -> dict[int, tuple[str, Iterable[str]]]:
    short = [secret for secret in secrets if len(secret) < SHORTEST_SECRET]
    if short:
        raise ValueError(f"{len(short)} secrets are too short to be told from other text")
    return {
        number: (secret, [form for part in (secret, _cut_token(secret)) if part for form in _spell(part)])
        for number, secret in enumerate(secrets, 1)
    }


def _cut_token(secret: str) -> str:
    """The part of a bot token that is secret; the bot's id before it is not."""
    head, _, tail = secret.partition(":")
    return tail if head.isdigit() and len(tail) >= SHORTEST_SECRET else ""


def _find_phones(phones: Collection[str], text: str) -> Iterator[Found]:
    runs = [(re.sub(r"\D", "", match.group()), match.start()) for match in _DIGITS.finditer(text)]
    for number, phone in enumerate(phones, 1):
        digits = _national(phone)
        at = next((at for run, at in runs if digits in run), -1)
        if at >= 0:
            yield "phone", number, _mask(phone), _excerpt(text, at)


def _national(phone: str) -> str:
    """The digits that every way to write the number has in common."""
    return phonenumbers.national_significant_number(phonenumbers.parse(phone))


def _find_words(words: Collection[str], text: str) -> Iterator[Found]:
    wanted = list(enumerate(words, 1))
    if len(words) > MANY:
        present = set(_WORD.findall(text.casefold()))
        wanted = [(number, word) for number, word in wanted if set(_WORD.findall(word.casefold())) <= present]
    yield from _find_all("word", {number: (word, _spell(word)) for number, word in wanted}, text)


def _spell(word: str) -> list[str]:
    """As it stands, and as JSON, Python and addresses write it."""
    return list(dict.fromkeys((word, json.dumps(word)[1:-1], repr(word)[1:-1], quote(word), quote_plus(word))))


def _mask(name: str) -> str:
    return f"{name[:2]}…, {len(name)} characters"


def _excerpt(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text[max(start, at - LONGEST_EXCERPT) : end if end >= 0 else None][:LONGEST_EXCERPT]
