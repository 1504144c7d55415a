"""What people do, as the webhook tells it (whatsapp.md section 4)."""

from bot.sandbox.whatsapp.chats import Chat, Message, list_options
from bot.sandbox.whatsapp.people import Payload, Person
from bot.sandbox.whatsapp.platform import Account, Platform

KINDS: dict[str, Payload] = {
    "image": {"image": {"id": "901", "mime_type": "image/jpeg", "sha256": "q3U=", "caption": "like this"}},
    "video": {"video": {"id": "902", "mime_type": "video/mp4", "sha256": "q3U="}},
    "voice": {"audio": {"id": "903", "mime_type": "audio/ogg; codecs=opus", "sha256": "q3U=", "voice": True}},
    "audio": {"audio": {"id": "904", "mime_type": "audio/mpeg", "sha256": "q3U=", "voice": False}},
    "document": {"document": {"id": "905", "mime_type": "application/pdf", "sha256": "q3U=", "filename": "plan.pdf"}},
    "sticker": {"sticker": {"id": "906", "mime_type": "image/webp", "sha256": "q3U=", "animated": False}},
    "location": {"location": {"latitude": 38.7, "longitude": -9.1}},
    "reaction": {"reaction": {"message_id": "wamid.none", "emoji": "👍"}},
    "order": {"order": {"catalog_id": "1", "product_items": []}},
    "unsupported": {"unsupported": {"type": "poll"}, "errors": [{"code": 131051, "title": "Unsupported message type"}]},
    "odd": {"interactive": None, "errors": [{"code": 131009}]},
    # A kind of message from the future.
    "hologram": {"hologram": {"depth": 3}},
}
_TYPES = {"voice": "audio", "odd": "interactive"}
_OPENS_NOTHING = ("reaction",)
"""Whether a reaction opens the 24-hour window is not documented: it does not here."""


class ImpossibleAction(Exception):
    """Something that nobody could do with that chat."""


def write_text(platform: Platform, account: Account, chat: Chat, text: str) -> None:
    receive(platform, account, chat, "text", {"text": {"body": text}})


def tap(platform: Platform, account: Account, chat: Chat, message_id: str, data: str) -> None:
    """Press a button or choose a row, of whatever age. Raises ImpossibleAction."""
    message = chat.messages.get(message_id)
    option = next((one for one in list_options(message) if one["id"] == data), None) if message else None
    if message is None or option is None:
        raise ImpossibleAction("no such button")
    kind = "button_reply" if message.content["type"] == "button" else "list_reply"
    content = {"interactive": {"type": kind, kind: dict(option)}}
    receive(platform, account, chat, "interactive", content, answers=message_id)


def share_contact(platform: Platform, account: Account, chat: Chat, owner: Person, *, is_requested: bool) -> None:
    """A contact card: with the button of a contact request, or picked by hand."""
    card = {
        "name": {"formatted_name": owner.name, "first_name": owner.name.partition(" ")[0]},
        "phones": [{"phone": f"+{owner.phone}", "wa_id": owner.phone, "type": "CELL"}],
        "origin": "contact_request" if is_requested else "other",
    }
    receive(platform, account, chat, "contacts", {"contacts": [card]})


def receive(platform: Platform, account: Account, chat: Chat, kind: str, content: Payload, *, answers: str = "") -> None:
    """A message of the person, told to the bot."""
    now = platform.now()
    wire = _TYPES.get(kind, kind)
    message = Message(platform.make_id(), is_from_bot=False, at=now, kind=wire, content=content.get(wire) or {})
    if kind == "contacts":
        message.content = {"body": content["contacts"][0]["phones"][0]["phone"]}
    row: Payload = {"id": message.id, "timestamp": str(int(now.timestamp())), "type": wire, **chat.person.sender()}
    row.update({name: part for name, part in content.items() if part is not None})
    if answers:
        row["context"] = {"from": account.display_number, "id": answers}
        message.content = {"body": next(iter(content["interactive"].values())) and _read_title(content)}
    if kind not in _OPENS_NOTHING:
        chat.last_inbound = now
    account.authors[message.id] = chat.person.id
    platform.post(account, chat, message)
    platform.report(account, "messages", {"contacts": [chat.person.contact()], "messages": [row]})


def change_identity(platform: Platform, person: Person, *, user_id: str, phone: str) -> None:
    """A new number or a new business-scoped id (section 5), told to every number the person has written to."""
    now = int(platform.now().timestamp())
    old_phone, old_id = person.phone, person.user_id
    for account in platform.accounts.values():
        if person.id not in account.chats:
            continue
        if phone and phone != old_phone:
            system = {"type": "user_changed_number", "wa_id": phone, "body": "changed from one number to another"}
            row = {"id": platform.make_id(), "from": old_phone, "timestamp": str(now), "type": "system", "system": system}
            platform.report(account, "messages", {"messages": [row]})
        if user_id and user_id != old_id:
            update = {"wa_id": phone or old_phone, "user_id": {"previous": old_id, "current": user_id}, "timestamp": now}
            platform.report(account, "user_id_update", {"user_id_update": [update]})
    person.phone, person.user_id = phone or old_phone, user_id or old_id


def _read_title(content: Payload) -> str:
    interactive = content["interactive"]
    return str(interactive[interactive["type"]]["title"])
