"""Bot API methods about the bot itself, its commands, chats and members."""

from typing import Any

import orjson
import regex

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.chats import Chat, Payload
from bot.sandbox.telegram.refusals import refuse_request
from bot.sandbox.telegram.text import count_units

# telegram.md section 4: per scope.
MOST_COMMANDS = 100
LONGEST_DESCRIPTION = 256
_COMMAND = regex.compile(r"/?([a-z0-9_]{1,32})")
_SCOPES = frozenset({
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators", "chat_member",
})  # fmt: skip


def get_me(call: Call) -> Payload:
    return {
        **call.account.payload,
        "can_join_groups": True,
        "can_read_all_group_messages": not call.platform.switches.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(call: Call) -> Payload:
    chat = call.find_chat()
    if not chat.is_private:
        call.check_access(chat)
    return {**chat.payload, "accent_color_id": 0, "max_reaction_count": 11, **({"is_forum": True} if chat.is_forum else {})}


def get_chat_member(call: Call) -> Payload:
    chat = call.find_chat()
    if not chat.is_private:
        call.check_access(chat)
    user = call.params.number("user_id")
    if user == call.account.id:
        return show_membership(call.account.payload, chat)
    person = call.platform.people.get(user)
    if person is None:
        raise refuse_request("user not found")
    return {"status": "member", "user": person.payload}


def show_membership(user: Payload, chat: Chat) -> Payload:
    """The bot's own ChatMember."""
    if chat.is_private:
        return {"status": "kicked", "user": user, "until_date": 0} if chat.is_blocked else {"status": "member", "user": user}
    status = "left" if chat.status == "deleted" else chat.status
    return {"status": status, "user": user}


def set_my_commands(call: Call) -> bool:
    commands = call.params.tree("commands")
    if not isinstance(commands, list):
        raise refuse_request("can't parse commands JSON array")
    if len(commands) > MOST_COMMANDS:
        raise refuse_request("BOT_COMMANDS_TOO_MUCH")
    call.account.commands[_read_scope(call)] = [_read_command(command) for command in commands]
    return True


def get_my_commands(call: Call) -> list[Payload]:
    return call.account.commands.get(_read_scope(call), [])


def delete_my_commands(call: Call) -> bool:
    call.account.commands.pop(_read_scope(call), None)
    return True


def _read_command(raw: Any) -> Payload:
    if not isinstance(raw, dict):
        raise refuse_request("can't parse BotCommand: expected an Object")
    match = _COMMAND.fullmatch(str(raw.get("command", "")))
    if match is None:
        raise refuse_request("BOT_COMMAND_INVALID")
    description = str(raw.get("description", "")).strip()
    if not 1 <= count_units(description) <= LONGEST_DESCRIPTION:
        raise refuse_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": match[1], "description": description}


def _read_scope(call: Call) -> tuple[str, str]:
    scope = call.params.tree("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise refuse_request("can't parse BotCommandScope: Unsupported type specified")
    return orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode(), call.params.text("language_code")
