"""The Bot API methods that the emulator knows, by the name Telegram gives them."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram import changes, messages, profile, webhooks
from bot.sandbox.telegram.calls import Call

Method = Callable[[Call], Any]
"""Answers at once, or a coroutine. Raises Refused."""

_METHODS: dict[str, Method] = {
    "getMe": profile.get_me,
    "getChat": profile.get_chat,
    "getChatMember": profile.get_chat_member,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "sendLocation": messages.send_location,
    "sendVenue": messages.send_venue,
    "sendChatAction": messages.send_chat_action,
    "editMessageText": changes.edit_message_text,
    "editMessageCaption": changes.edit_message_caption,
    "editMessageReplyMarkup": changes.edit_message_reply_markup,
    "deleteMessage": changes.delete_message,
    "answerCallbackQuery": changes.answer_callback_query,
    "setWebhook": webhooks.set_webhook,
    "deleteWebhook": webhooks.delete_webhook,
    "getWebhookInfo": webhooks.get_webhook_info,
    "getUpdates": webhooks.get_updates,
}

METHODS: dict[str, tuple[str, Method]] = {name.lower(): (name, method) for name, method in _METHODS.items()}
"""By lower-cased name: Telegram does not mind the case."""

NOT_IN_ANSWER = frozenset({"setWebhook", "deleteWebhook", "getUpdates", "getMe", "getChat", "getChatMember", "getWebhookInfo"})
"""Not run from a webhook's answer: their result would be lost (telegram.md section 3)."""
