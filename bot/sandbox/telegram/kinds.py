"""What a person may send besides text, in Telegram's shapes."""

from typing import Any

from bot.sandbox.telegram.chats import Payload, Person

_PLACE = {"latitude": 40.7033, "longitude": -74.0170}


def _file(kind: str, **details: Any) -> Payload:
    return {"file_id": f"{kind}-1", "file_unique_id": f"{kind}1", "file_size": 4096, **details}


# Kind to the fields of Message that it fills.
KINDS: dict[str, Payload] = {
    "sticker": {
        "sticker": _file("sticker", type="regular", width=512, height=512, is_animated=False, is_video=False, emoji="👍")
    },
    "voice": {"voice": _file("voice", duration=7, mime_type="audio/ogg")},
    "audio": {"audio": _file("audio", duration=180, mime_type="audio/mpeg", title="Song")},
    "photo": {"photo": [_file("photo-small", width=90, height=67), _file("photo", width=1280, height=960)]},
    "video": {"video": _file("video", duration=12, width=1280, height=720, mime_type="video/mp4")},
    "video_note": {"video_note": _file("note", duration=9, length=240)},
    "animation": {
        "animation": _file("animation", duration=3, width=320, height=240, mime_type="video/mp4"),
        "document": _file("animation", mime_type="video/mp4"),
    },
    "document": {"document": _file("document", file_name="notes.pdf", mime_type="application/pdf")},
    "location": {"location": _PLACE},
    "live_location": {"location": {**_PLACE, "live_period": 900, "heading": 90}},
    "venue": {"location": _PLACE, "venue": {"location": _PLACE, "title": "Battery Park", "address": "New York"}},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "poll": {
        "poll": {
            "id": "1",
            "question": "When?",
            "options": [{"text": "Today", "voter_count": 0}, {"text": "Tomorrow", "voter_count": 0}],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
        }
    },
    "story": {"story": {"id": 1, "chat": {"id": 1, "type": "private", "first_name": "Somebody"}}},
    # A kind of message from the future.
    "unknown": {"hologram": {"depth": 3}},
}
_CAPTIONED = frozenset({"photo", "video", "animation", "document", "audio", "voice"})


def make_content(kind: str, *, caption: str, latitude: float | None, longitude: float | None) -> Payload | None:
    """None for a kind that does not exist."""
    known = KINDS.get(kind)
    if known is None:
        return None
    content = dict(known)
    if caption and kind in _CAPTIONED:
        content["caption"] = caption
    if latitude is not None and longitude is not None and "location" in content:
        content["location"] = {**content["location"], "latitude": latitude, "longitude": longitude}
    return content


def make_contact(owner: Person, *, has_user_id: bool) -> Payload:
    """A phone number comes without its plus, as it does from many clients."""
    contact = {"phone_number": owner.phone.removeprefix("+"), "first_name": owner.payload["first_name"]}
    if "last_name" in owner.payload:
        contact["last_name"] = owner.payload["last_name"]
    if has_user_id:
        contact["user_id"] = owner.id
    return {"contact": contact}


def mark_forwarded(by: Person, at: float) -> Payload:
    return {"forward_origin": {"type": "user", "sender_user": by.payload, "date": int(at) - 3600}}
