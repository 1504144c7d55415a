"""What people do to a bot: each action becomes an update."""

from typing import Any

import regex

from bot.sandbox.telegram.chats import Chat, Message, Payload, Person, Query
from bot.sandbox.telegram.messages import LONGEST_TEXT, show_reply
from bot.sandbox.telegram.platform import Account, Platform
from bot.sandbox.telegram.profile import show_membership
from bot.sandbox.telegram.text import count_units
from bot.sandbox.telegram.updates import Update

_COMMAND = regex.compile(r"/[A-Za-z0-9_]{1,64}(?:@(\w+))?")
_START_PAYLOAD = regex.compile(r"[A-Za-z0-9_-]{1,64}")
# Telegram's own account behind which administrators write anonymously.
_ANONYMOUS: Payload = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


class ImpossibleAction(Exception):
    """No Telegram client would let a person do this."""


class People:
    """Acts for the people of the platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def say(
        self, account: Account, chat: Chat, person: Person, *, text: str, reply_to: int = 0, anonymous: bool = False, **extra: Any
    ) -> Update | None:
        """Type a message. `extra`: further fields of the Bot API's Message."""
        text = text.strip()
        if not 1 <= count_units(text) <= LONGEST_TEXT:
            raise ImpossibleAction("a message has 1 to 4096 characters")
        content: Payload = {"text": text}
        command = _COMMAND.match(text)
        if command:
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        if reply_to:
            extra["reply_to_message"] = show_reply(find_message(chat, reply_to))
        if anonymous:
            extra["sender_chat"] = chat.payload
        message = self._post(account, chat, person, kind="text", content=content, extra=extra)
        if anonymous:
            message.sender = _ANONYMOUS
        self._use_up_keyboard(chat, text)
        return self._deliver(account, message, person, command[1] if command else None)

    def send(self, account: Account, chat: Chat, person: Person, *, kind: str, content: Payload, extra: Payload) -> Update | None:
        """Anything that is not text."""
        message = self._post(account, chat, person, kind=kind, content=content, extra=extra)
        return self._deliver(account, message, person, None)

    def edit(self, account: Account, chat: Chat, person: Person, *, message_id: int, content: Payload) -> Update | None:
        message = find_message(chat, message_id)
        if message.sender is not person.payload:
            raise ImpossibleAction("only one's own messages can be edited")
        message.content = {**message.content, **content}
        message.edit_date = int(self._platform.now())
        self._platform.touch(account, chat)
        return self._deliver(account, message, person, None, name="edited_message")

    def tap(
        self, account: Account, chat: Chat, person: Person, *, message_id: int, data: str, is_inaccessible: bool = False
    ) -> Update | None:
        """Press an inline button; `data` need not be on the keyboard any more."""
        message = chat.messages.get(message_id)
        query = Query(self._platform.next_query_id(), person, chat, message_id, self._platform.now())
        account.keep_query(query)
        if message is None or is_inaccessible:
            shown: Payload = {"chat": chat.payload, "message_id": message_id, "date": 0}
        else:
            shown = message.payload()
        payload = {
            "id": query.id, "from": person.payload, "message": shown, "chat_instance": str(chat.id * 31), "data": data,
        }  # fmt: skip
        return self._platform.push(account, {"callback_query": payload}, queue=f"callback:{person.id}", user=person.id)

    def start(self, account: Account, chat: Chat, person: Person, payload: str) -> Update | None:
        """Follow a deep link (`start`, in a group `startgroup`); a payload that is none is dropped by the client."""
        command = "/start" if chat.is_private else f"/start@{account.username}"
        text = f"{command} {payload}" if _START_PAYLOAD.fullmatch(payload) else command
        return self.say(account, chat, person, text=text)

    def block(self, account: Account, chat: Chat, person: Person, *, is_blocked: bool) -> Update | None:
        if not chat.is_private:
            raise ImpossibleAction("only a private chat can be blocked")
        before = show_membership(account.payload, chat)
        chat.is_blocked = is_blocked
        return self._announce_membership(account, chat, person, before)

    def change_membership(self, account: Account, chat: Chat, person: Person, status: Any) -> Update | None:
        """Make the bot an administrator, remove it, or let it back in."""
        before = show_membership(account.payload, chat)
        chat.status = status
        return self._announce_membership(account, chat, person, before)

    def _announce_membership(self, account: Account, chat: Chat, person: Person, before: Payload) -> Update | None:
        self._platform.touch(account, chat)
        payload = {
            "chat": chat.payload,
            "from": person.payload,
            "date": int(self._platform.now()),
            "old_chat_member": before,
            "new_chat_member": show_membership(account.payload, chat),
        }
        return self._platform.push(account, {"my_chat_member": payload}, queue=f"membership:{chat.id}", user=person.id)

    def migrate(self, account: Account, chat: Chat, person: Person) -> Chat:
        """Turn a group into a supergroup: new id, new messages, and a service message in each."""
        if chat.kind != "group" or chat.migrated_to:
            raise ImpossibleAction("only a group can be upgraded, and once")
        title = {name: value for name, value in chat.payload.items() if name == "title"}
        new = Chat(self._platform.next_supergroup_id(), "supergroup", title)
        new.status = chat.status
        account.chats[new.id] = new
        chat.migrated_to = new.id
        for place, content in ((chat, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": chat.id})):
            message = self._post(account, place, person, kind="service", content=content, extra={})
            self._deliver(account, message, person, None)
        return new

    def _post(self, account: Account, chat: Chat, person: Person, *, kind: str, content: Payload, extra: Payload) -> Message:
        if chat.is_private and chat.is_blocked:
            raise ImpossibleAction("the person has blocked the bot")
        if kind != "service" and (chat.migrated_to or chat.status == "deleted"):
            raise ImpossibleAction("the group is no more")
        return self._platform.post(account, chat, person.payload, kind=kind, content=content, extra=extra)

    def _deliver(
        self, account: Account, message: Message, person: Person, addressee: str | None, *, name: str = "message"
    ) -> Update | None:
        if not message.chat.is_private and not self._is_visible(account, message, addressee):
            return None
        return self._platform.push(account, {name: message.payload()}, queue=f"message:{message.chat.id}", user=person.id)

    def _is_visible(self, account: Account, message: Message, addressee: str | None) -> bool:
        """Privacy mode (telegram.md section 10)."""
        chat = message.chat
        if chat.status in ("left", "kicked", "deleted"):
            return False
        if chat.status == "administrator" or not self._platform.switches.privacy_mode or message.kind == "service":
            return True
        if message.extra.get("reply_to_message", {}).get("from") is account.payload:
            return True
        if addressee is not None:
            return addressee.lower() == account.username.lower()
        is_command = "entities" in message.content
        return is_command and not chat.has_other_bot_spoken

    @staticmethod
    def _use_up_keyboard(chat: Chat, text: str) -> None:
        """A one-time keyboard folds away when one of its buttons was pressed."""
        keyboard = chat.reply_keyboard
        if keyboard and keyboard["one_time"] and any(button["text"] == text for row in keyboard["rows"] for button in row):
            chat.reply_keyboard = None

    @staticmethod
    def use_up_contact_button(chat: Chat) -> None:
        keyboard = chat.reply_keyboard
        if keyboard and keyboard["one_time"] and any(button["request_contact"] for row in keyboard["rows"] for button in row):
            chat.reply_keyboard = None


def find_message(chat: Chat, message_id: int) -> Message:
    """Raises ImpossibleAction."""
    message = chat.messages.get(message_id)
    if message is None:
        raise ImpossibleAction(f"no message {message_id} in this chat")
    return message
