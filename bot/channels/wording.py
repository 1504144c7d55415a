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
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]")
"""Control characters, and those that turn the words after them around: no sentence of ours needs one, a name may bring it."""
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER = re.compile(f"({_MARK}{{4}}){_MARK}+")
_ODD = re.compile(f"{_SURROGATE.pattern}|{_UNSEEN.pattern}|{_MARK}{{5}}")
"""Anything of the above: most texts have nothing of it, and are looked through once."""


def clean_name(name: str) -> str:
    """One line in NFC without invisible characters, at most `MAX_NAME_GRAPHEMES` long; empty if nothing is left."""
    if name.isprintable() and is_normalized("NFC", name) and _is_short(name):
        return name.strip()
    text = _INVISIBLE.sub("", _SPACES.sub(" ", name))
    text = _STACK.sub(r"\1", _IDLE_JOINER.sub("", normalize("NFC", text)))
    text = _SPACES.sub(" ", text)  # again: what stood between two spaces may be gone
    return "".join(_GRAPHEME.findall(text.strip())[:MAX_NAME_GRAPHEMES]).strip()


def mend(text: str) -> str:
    """The text as it can be shown: no halves of surrogate pairs, which no platform's JSON can carry, nothing unseen that
    reorders what stands beside it, no letter under a tower of marks."""
    if text.isascii():
        return _UNSEEN.sub("", text)
    if _ODD.search(text) is None:
        return text
    return _TOWER.sub(r"\1", _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text)))


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
