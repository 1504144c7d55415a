"""One language's sentences: `locales/<language>/LC_MESSAGES/frontdesk.po`, read without a compile step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import c2py
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.formats import find_locale

DOMAIN = "frontdesk"

COUNT = "count"
"""The placeholder of the number that a plural form was chosen by; a form like "one minute" may go without."""

PROVEN_UP_TO = 200
"""The plural rule of a catalogue is compared with CLDR's for every count up to here, where all languages have repeated."""


class Hole(NamedTuple):
    """A placeholder: `{price:money}`."""

    name: str
    spec: str


Template = tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The forms of one key; several where the language has plurals and the sentence counts."""

    forms: tuple[Template, ...]

    @property
    def holes(self) -> frozenset[Hole]:
        """The placeholders that every form has."""
        sets = [frozenset(part for part in form if isinstance(part, Hole) and part.name != COUNT) for form in self.forms]
        return frozenset.intersection(*sets)


@dataclass(frozen=True)
class Catalogue:
    """Every sentence of a language, by key."""

    language: str
    sentences: Mapping[str, Sentence]
    choose_form: Callable[[int], int]
    """The number of the plural form for a count, by the rule in the catalogue's header."""
    form_count: int
    problems: tuple[str, ...]

    @classmethod
    def read(cls, file: Path, language: str) -> "Catalogue":
        """Raises ValueError naming the file when it cannot be read as a catalogue of the language."""
        find_locale(language)
        try:
            with file.open("rb") as lines:
                catalog = read_po(lines, locale=language, abort_invalid=True)
            sentences, problems = _compile(catalog)
            choose_form = c2py(catalog.plural_expr)
        except (OSError, ValueError) as error:
            raise ValueError(f"{file}: {error}") from None
        return cls(language, sentences, choose_form, catalog.num_plurals, (*problems, *_compare_plurals(catalog, choose_form)))

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(self.sentences)

    def find_form(self, sentence: Sentence, count: int | None) -> Template:
        if len(sentence.forms) == 1 or count is None:
            return sentence.forms[-1]
        return sentence.forms[self.choose_form(count)]


def parse_template(sentence: str) -> Template:
    """ "Pay {price:money}" → ("Pay ", Hole("price", "money")). Raises ValueError for unbalanced braces."""
    parts: list[str | Hole] = []
    for literal, name, spec, conversion in Formatter().parse(sentence):
        if literal:
            parts.append(literal)
        if name is not None:
            if not name.isidentifier() or conversion:
                raise ValueError(f"{{{name}}} is not a placeholder; expected {{name}} or {{name:form}}")
            parts.append(Hole(name, spec or ""))
    return tuple(parts)


def _compile(catalog: Catalog) -> tuple[dict[str, Sentence], list[str]]:
    sentences: dict[str, Sentence] = {}
    problems: list[str] = []
    for message in catalog:
        key = _key(message)
        if not key:
            continue
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        forms = [string for string in strings if string]
        if message.fuzzy or len(forms) < len(strings):
            problems.append(f"{key}: not translated")
            continue
        if len(forms) not in (1, catalog.num_plurals):
            problems.append(f"{key}: {len(forms)} plural forms, expected {catalog.num_plurals}")
            continue
        try:
            sentences[key] = Sentence(tuple(parse_template(form) for form in forms))
        except ValueError as error:
            problems.append(f"{key}: {error}")
    return sentences, problems


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def _compare_plurals(catalog: Catalog, choose_form: Callable[[int], int]) -> list[str]:
    """Whether the header's rule tells the same counts apart as CLDR's."""
    word_of_form: dict[int, str] = {}
    form_of_word: dict[str, int] = {}
    rule = find_locale(str(catalog.locale)).plural_form
    for count in range(PROVEN_UP_TO + 1):
        form, word = choose_form(count), rule(count)
        if word_of_form.setdefault(form, word) != word or form_of_word.setdefault(word, form) != form:
            return [f"Plural-Forms: the form for {count} is not the one CLDR calls {word!r}"]
    return []
