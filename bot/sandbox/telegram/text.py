"""Message text: HTML into entities, and lengths as Telegram counts them."""

from dataclasses import dataclass, field
from html import unescape
from typing import Any

import regex

from bot.sandbox.telegram.refusals import refuse_request

# Entities beyond this many are ignored (limits.tg, undocumented).
_MOST_ENTITIES = 100

_KINDS = {
    "a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "tg-emoji": "custom_emoji", "tg-time": "date_time", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip

_PIECE = regex.compile(
    r"""(?P<plain>[^<&]+)
      | &(?P<reference>\#\d{1,8}|\#x[0-9a-f]{1,8}|lt|gt|amp|quot);?
      | </(?P<end>[^<>\s]*)\s*>
      | <(?P<start>[^<>\s/]+)(?P<attributes>(?:"[^"]*"|'[^']*'|[^<>"'])*)>
      | (?P<other>.)""",
    regex.VERBOSE | regex.DOTALL | regex.IGNORECASE,
)
_ATTRIBUTE = regex.compile(r"""([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?""", regex.IGNORECASE)


def count_units(text: str) -> int:
    """Length in UTF-16 code units: an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def read_text(text: str, parse_mode: str, entities: Any) -> tuple[str, list[dict[str, Any]]]:
    """The trimmed plain text and its entities. Raises Refused on broken markup."""
    if not parse_mode:
        found = entities if isinstance(entities, list) else []
    elif parse_mode.lower() == "html":
        text, found = _parse_html(text)
    else:
        # Nobody in this project writes Markdown; accepting it unread would hide a mistake.
        raise refuse_request("unsupported parse_mode")
    return _trim(text, found[:_MOST_ENTITIES])


def _trim(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    trimmed = text.strip()
    if not entities or len(trimmed) == len(text):
        return trimmed, entities
    lead, length = count_units(text[: len(text) - len(text.lstrip())]), count_units(trimmed)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, length)
        if start < end:
            kept.append({**entity, "offset": start, "length": end - start})
    return trimmed, kept


@dataclass(slots=True)
class _Open:
    tag: str
    at: int
    offset: int
    attributes: dict[str, str] = field(default_factory=dict)


def _parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    if "<" not in source and "&" not in source:
        return source, []
    parts: list[str] = []
    length = 0
    opened: list[_Open] = []
    entities: list[dict[str, Any]] = []
    for piece in _PIECE.finditer(source):
        if piece["start"] is not None:
            opened.append(_open_tag(source, piece, length))
        elif piece["end"] is not None:
            entity = _close_tag(source, piece, opened=opened, length=length)
            if entity is not None:
                entities.append(entity)
        elif piece["other"] == "<":
            what = "end" if source.startswith("</", piece.start()) else "start"
            raise _broken(f"Unclosed {what} tag", source, piece.start())
        else:
            plain = piece["plain"] or piece["other"] or unescape(f"&{piece['reference']};")
            parts.append(plain)
            length += count_units(plain)
    if opened:
        raise _broken(f'Can\'t find end tag corresponding to start tag "{opened[-1].tag}"', source, opened[-1].at)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(parts), entities


def _open_tag(source: str, piece: Any, length: int) -> _Open:
    tag = piece["start"].lower()
    if tag not in _KINDS:
        raise _broken(f'Unsupported start tag "{tag}"', source, piece.start())
    attributes = {
        name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(piece["attributes"])
    }
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _broken('Tag "span" must have class "tg-spoiler"', source, piece.start())
    return _Open(tag, piece.start(), length, attributes)


def _close_tag(source: str, piece: Any, *, opened: list[_Open], length: int) -> dict[str, Any] | None:
    if not opened:
        raise _broken("Unexpected end tag", source, piece.start())
    last = opened.pop()
    if piece["end"] and piece["end"].lower() != last.tag:
        at = len(source[: piece.start()].encode())
        raise refuse_request(
            f'can\'t parse entities: Unmatched end tag at byte offset {at}, expected "</{last.tag}>", found "</{piece["end"]}>"'
        )
    if length == last.offset:
        return None
    entity: dict[str, Any] = {"offset": last.offset, "length": length - last.offset, "type": _KINDS[last.tag]}
    return _add_details(entity, last)


def _add_details(entity: dict[str, Any], tag: _Open) -> dict[str, Any] | None:
    attributes = tag.attributes
    if tag.tag == "a":
        if not attributes.get("href"):
            return None
        entity["url"] = attributes["href"]
    elif tag.tag == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    elif tag.tag == "tg-emoji":
        entity["custom_emoji_id"] = attributes.get("emoji-id", "")
    elif tag.tag == "tg-time":
        unix = attributes.get("unix", "")
        if not unix.isdecimal():
            raise refuse_request("can't parse entities: Invalid date-time entity specified")
        entity["unix_time"] = int(unix)
        entity["date_time_format"] = attributes.get("format", "")
    elif tag.tag == "code" and attributes.get("class", "").startswith("language-"):
        entity["language"] = attributes["class"].removeprefix("language-")
    return entity


def _broken(reason: str, source: str, at: int) -> Exception:
    return refuse_request(f"can't parse entities: {reason} at byte offset {len(source[:at].encode())}")
