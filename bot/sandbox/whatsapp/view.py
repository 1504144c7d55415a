"""How the control API shows people, numbers, chats and messages: chats in the form of every emulated messenger."""

from bot.sandbox.whatsapp.chats import Chat, Message, list_options, read_text
from bot.sandbox.whatsapp.people import Payload, Person
from bot.sandbox.whatsapp.platform import Account

CONTACT_LABEL = "Share contact info"
"""What the button of a contact request says; WhatsApp words it, no bot can."""


def show_person(person: Person) -> Payload:
    return {
        "id": person.id,
        "name": person.name,
        "phone": f"+{person.phone}",
        "user_id": person.user_id,
        "username": person.username,
        "hides_number": person.hides_number,
        "is_gone": person.is_gone,
    }


def show_account(account: Account) -> Payload:
    return {
        "id": account.id,
        "name": account.name,
        "display_number": account.display_number,
        "business": account.business,
        "webhook": account.courier.hook.url,
        "failed_deliveries": account.courier.failures,
        "deliveries": account.courier.posts,
        "sent": account.sent,
    }


def show_room(chat: Chat, *, is_typing: bool) -> Payload:
    """A chat as its customer sees it."""
    return {
        "chat": {"id": chat.person.id, "type": "private", "title": chat.person.name, "version": chat.version},
        "messages": [show_message(message, chat.person) for message in chat.messages.values()],
        "reply_keyboard": _show_keyboard(chat),
        "toasts": [],
        "is_typing": is_typing,
        "version": chat.version,
    }


def show_message(message: Message, person: Person) -> Payload:
    """Buttons and rows one below the other, a row's description after its title."""
    options = [
        [{"text": " ".join(filter(None, (one["title"], one.get("description")))), "style": "", "url": None, "data": one["id"]}]
        for one in list_options(message)
    ]
    return {
        "message_id": message.id,
        "from_bot": message.is_from_bot,
        "sender_id": 0 if message.is_from_bot else person.id,
        "sender_name": "Bot" if message.is_from_bot else person.name,
        "text": read_text(message),
        "date": message.at.isoformat(),
        "inline_keyboard": options,
        "form": message.content.get("type", "") if message.kind == "interactive" and message.is_from_bot else "",
        "opener": message.content.get("action", {}).get("button", "") if message.kind == "interactive" else "",
        "status": message.status,
        "kind": message.kind,
    }


def _show_keyboard(chat: Chat) -> Payload | None:
    """The contact request, if it is what the bot said last."""
    said = [message for message in chat.messages.values() if message.is_from_bot]
    if not said or said[-1].content.get("type") != "request_contact_info":
        return None
    return {"rows": [[{"text": CONTACT_LABEL, "request_contact": True}]]}
