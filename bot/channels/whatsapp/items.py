"""A webhook's body taken apart: up to 1,000 items over several entries and changes, for one number or several."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Json = dict[str, Any]

LISTS: Mapping[str, str] = {
    "messages": "messages",
    "statuses": "messages",
    "errors": "messages",
    "user_id_update": "user_id_update",
}
"""Lists of items that we read, and the field of the change that they come in."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message, status or other piece of news."""

    account: str
    """The number it concerns, by Meta's id; empty where that is not said."""
    kind: str
    """The list it stood in, or the field of a change that has none we know."""
    content: Any
    contacts: Any = None
    """Of the change it stood in; never in the order of its messages."""

    def wrap(self) -> bytes:
        """The item in a body of its own."""
        value: Json = {"metadata": {"phone_number_id": self.account}, self.kind: [self.content]}
        if self.contacts:
            value["contacts"] = self.contacts
        return wrap([{"field": LISTS.get(self.kind, self.kind), "value": value}])


def wrap(changes: list[Json]) -> bytes:
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"changes": changes}]})


def wrap_all(items: list[Item]) -> bytes:
    """Several items in one body, each in a change of its own."""
    return wrap([change for item in items for change in orjson.loads(item.wrap())["entry"][0]["changes"]])


def split(body: bytes) -> list[Item]:
    """Raises ValueError, without a word of the content, for what is no webhook of WhatsApp's."""
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError("not JSON") from None
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a webhook of the Cloud API")  # noqa: TRY004  whose type it is is the content's fault
    return [item for entry in entries for item in _split_entry(entry)]


def _split_entry(entry: Any) -> Iterator[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Item("", "entry", entry)
        return
    for change in changes:
        if isinstance(change, dict) and isinstance(change.get("value"), dict):
            yield from _split_change(str(change.get("field", "")), change["value"])
        else:
            yield Item("", "change", change)


def _split_change(field: str, value: Json) -> Iterator[Item]:
    metadata = value.get("metadata")
    number = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    account = str(number) if isinstance(number, (str, int)) else ""
    known = [name for name, home in LISTS.items() if home == field and isinstance(value.get(name), list)]
    for name in known:
        for content in value[name]:
            yield Item(account, name, content, value.get("contacts"))
    if not known:
        yield Item(account, field or "change", value)
