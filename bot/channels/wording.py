"""Names and texts as a platform may hand them to us and as we may hand them to it: cleaned, and cut between graphemes."""

import re
from collections.abc import Callable
from unicodedata import is_normalized, normalize

import regex

MAX_NAME_GRAPHEMES = 64
"""Telegram's own bound for first and last name, in characters as people count them."""

ELLIPSIS = "…"

_INVISIBLE = regex.compile(r"[[\p{C}\p{Default_Ignorable_Code_Point}]--[\p{Variation_Selector}\u200c\u200d]]", regex.V1)
"""Control, bidi, zero-width, private and unassigned characters; not the ones that only shape their neighbours."""
_IDLE_JOINER = regex.compile(
    r"(?<![\p{Emoji_Presentation}\p{Extended_Pictographic}\p{M}\p{Emoji_Modifier}\ufe0f--[0-9#*]]"
    r"|[\p{L}--\p{Script=Latin}--\p{Script=Cyrillic}--\p{Script=Greek}])[\u200c\u200d]+"
    r"|[\u200c\u200d]+(?=\s|$)",
    regex.V1,
)
"""A joiner that joins nothing: it may stay between emoji and in the scripts that spell with it."""
_STACK = regex.compile(r"(\p{M}{4})\p{M}+")
"""More marks on one letter than any language writes."""
_GRAPHEME = regex.compile(r"\X")
_SPACES = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_name(name: str) -> str:
    """One line in NFC without invisible characters, at most `MAX_NAME_GRAPHEMES` long; empty if nothing is left."""
    if name.isprintable() and is_normalized("NFC", name) and _is_short(name):
        return name.strip()
    text = _INVISIBLE.sub("", _SPACES.sub(" ", name))
    text = _STACK.sub(r"\1", _IDLE_JOINER.sub("", normalize("NFC", text)))
    text = _SPACES.sub(" ", text)  # again: what stood between two spaces may be gone
    return "".join(_GRAPHEME.findall(text.strip())[:MAX_NAME_GRAPHEMES]).strip()


def mend(text: str) -> str:
    """The text without halves of surrogate pairs, which no platform's JSON can carry."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def count_utf16(text: str) -> int:
    """Length in UTF-16 units, the unit of Telegram and of Meta: an emoji counts two or more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, count: Callable[[str], int] = count_utf16) -> str:
    """The text, or its beginning and an ellipsis, no longer than `limit` as `count` measures it.

    Cuts after a paragraph or a word if one ends in the last part of what fits, else between two graphemes.
    """
    if count(text) <= limit:
        return text
    room = limit - count(ELLIPSIS)
    used = end = 0
    for found in _GRAPHEME.finditer(text):
        used += count(found.group())
        if used > room:
            break
        end = found.end()
    return _end_well(text, end) + ELLIPSIS


def _end_well(text: str, end: int) -> str:
    head = text[:end]
    if text[end : end + 1].isspace():
        return head.rstrip()
    paragraph = head.rfind("\n\n")
    if paragraph >= end * 0.7:
        return head[:paragraph].rstrip()
    word = max(head.rfind(" "), head.rfind("\n"))
    return (head[:word] if word >= end * 0.5 else head).rstrip()


def _is_short(name: str) -> bool:
    """Whether no count of graphemes or marks is needed to know that the name is within bounds."""
    return len(name) <= MAX_NAME_GRAPHEMES and (name.isascii() or not _STACK.search(name))
