"""How the control API shows people, chats and messages."""

from datetime import UTC, datetime
from typing import Any

from bot.sandbox.telegram.chats import Chat, Message, Payload, Person
from bot.sandbox.telegram.platform import Account, Platform


def show_person(platform: Platform, person: Person) -> Payload:
    """`staff_of` is the group a demo receptionist works in; `payload` what bots see."""
    payload = person.payload
    return {
        "id": person.id,
        "name": person.name,
        "first_name": payload["first_name"],
        "last_name": payload.get("last_name", ""),
        "username": payload.get("username", ""),
        "language_code": payload.get("language_code", ""),
        "phone": person.phone,
        "is_deactivated": person.is_deactivated,
        "staff_of": platform.staff.get(person.id),
    }


def show_account(account: Account) -> Payload:
    webhook = account.courier.webhook
    return {
        "id": account.id,
        "username": account.username,
        "name": account.payload["first_name"],
        "business": account.business,
        "token": account.token,
        "webhook": webhook.url if webhook else "",
        "pending": len(account.updates.pending),
        "failed_deliveries": account.courier.failures,
        "groups": [show_chat(chat) for chat in account.chats.values() if not chat.is_private and not chat.migrated_to],
        "commands": account.commands.get(('{"type":"default"}', ""), []),
    }


def show_chat(chat: Chat) -> Payload:
    title = chat.payload.get("title") or " ".join(filter(None, (chat.payload.get("first_name"), chat.payload.get("last_name"))))
    return {
        "id": chat.id,
        "type": chat.kind,
        "title": title,
        "bot_status": "kicked" if chat.is_blocked else chat.status,
        "migrated_to": chat.migrated_to or None,
        "version": chat.version,
    }


def show_room(chat: Chat) -> Payload:
    """A chat as its members see it."""
    return {
        "chat": show_chat(chat),
        "messages": [show_message(message) for message in chat.messages.values()],
        "reply_keyboard": chat.reply_keyboard,
        "toasts": list(chat.toasts),
        "version": chat.version,
    }


def show_message(message: Message) -> Payload:
    content = message.content
    sender = message.sender
    return {
        "message_id": message.id,
        "from_bot": message.is_from_bot,
        "sender_id": sender["id"],
        "sender_name": " ".join(filter(None, (sender["first_name"], sender.get("last_name")))),
        "text": content.get("text", content.get("caption", "")),
        "entities": content.get("entities", content.get("caption_entities", [])),
        "date": datetime.fromtimestamp(message.date, UTC).isoformat(),
        "edited": bool(message.edit_date),
        "silent": message.is_silent,
        "inline_keyboard": [[_show_button(button) for button in row] for row in message.rows or ()],
        "contact": content.get("contact"),
        "document": content.get("document"),
        "location": content.get("location"),
        "reply_to": message.extra.get("reply_to_message", {}).get("message_id"),
        "kind": message.kind,
    }


def _show_button(button: dict[str, Any]) -> Payload:
    return {
        "text": button["text"],
        "style": button.get("style", ""),
        "url": button.get("url"),
        "data": button.get("callback_data"),
    }
