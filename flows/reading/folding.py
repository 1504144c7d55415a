"""Text as it is compared: without case, accents and punctuation."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")  # noqa: RUF001 - the typographic apostrophe is what phones type


def fold(text: str) -> str:
    """Lower case, no accents, single spaces; punctuation stays."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())


def split_words(text: str) -> tuple[str, ...]:
    """The folded words of a line, without punctuation and emoji."""
    return tuple(_WORD.findall(fold(text)))
