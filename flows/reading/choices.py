"""A typed line picks one of several named things, or narrows them."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from flows.reading.folding import split_words

# A line longer than this is a sentence: only a full name found in it counts, not any word that happens to fit.
LONGEST_ANSWER = 4

# A word shorter than this is too weak to pick something by itself inside a longer line.
SHORTEST_HINT = 3

# Words that stand in many names and mean none of them.
WEAK = frozenset({"and", "the", "with", "for", "from", "not", "con", "para", "por", "los", "las", "del", "una", "uno"})

# How alike a mistyped word has to be (difflib's ratio), and in how many words slips are looked for.
LIKENESS, MOST_SLIPS = 0.8, 2

_NUMBER = re.compile(r"[#(]?\s*(\d{1,3})\s*[.):]?")


def read_number(text: str) -> int | None:
    """The number a line consists of ("3", "3.", "#3"), else None."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match.group(1)) if match else None


def match_names(names: Sequence[str], text: str) -> tuple[int, ...]:
    """The positions of the names that the line means: one is an answer, several are a question, none is neither."""
    wanted = split_words(text)
    if not wanted:
        return ()
    words = [split_words(name) for name in names]
    for rule in (_is_same, _starts, _is_contained, _shares, _resembles):
        found = tuple(index for index, name in enumerate(words) if name and rule(name, wanted))
        if found:
            return _prefer_longest(words, found) if rule is _is_contained else found
    return ()


def find_names(names: Sequence[str], text: str) -> tuple[int, ...]:
    """The positions of the names a longer sentence speaks of: "a haircut tomorrow with anna"."""
    said = split_words(text)
    words = [split_words(name) for name in names]
    whole = tuple(index for index, name in enumerate(words) if name and _is_contained(name, said))
    if whole:
        return _prefer_longest(words, whole)
    scores = [len({word for word in name if len(word) >= SHORTEST_HINT and word in said} - WEAK) for name in words]
    best = max(scores, default=0)
    return tuple(index for index, score in enumerate(scores) if score == best > 0)


def _is_same(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return name == wanted


def _starts(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Every typed word begins a word of the name: "swed mas", "anna"."""
    return len("".join(wanted)) > 1 and all(any(word.startswith(part) for word in name) for part in wanted)


def _is_contained(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """The whole name stands in the line: "the swedish massage please"."""
    size = len(name)
    return any(wanted[start : start + size] == name for start in range(len(wanted) - size + 1))


def _shares(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """A short line shares a word with the name: "with anna"."""
    if len(wanted) > LONGEST_ANSWER:
        return False
    return any(part == word for part in wanted for word in name if len(part) >= SHORTEST_HINT and part not in WEAK)


def _resembles(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """A word or two, each a slip away from a word of the name: "ana" for Anna."""
    if len(wanted) > MOST_SLIPS or min(map(len, wanted)) < SHORTEST_HINT:
        return False
    return all(any(SequenceMatcher(None, part, word).ratio() >= LIKENESS for word in name) for part in wanted)


def _prefer_longest(words: Sequence[tuple[str, ...]], found: tuple[int, ...]) -> tuple[int, ...]:
    """ "Hot stone massage" in the line beats "massage" in the same line."""
    longest = max(len(words[index]) for index in found)
    return tuple(index for index in found if len(words[index]) == longest)
