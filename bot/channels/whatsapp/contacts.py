"""Who writes to a number and how they are reached: identities, addresses and the 24-hour window, in Redis.

`<p>` is `frontdesk:whatsapp:{<number id>}`.

key               type    holds
----------------  ------  --------------------------------------------------------------------------------------------
<p>:id:<id>       string  the chat that belongs to a business-scoped id, a parent id or a wa_id
<p>:chat:<chat>   hash    wa: digits, empty while hidden · user: business-scoped id · in: seconds of the last message from them
<p>:sent:<ref>    hash    see `ledger`

A chat is called after the first identity its person was met under (and a plus where somebody else's is called so already), and
keeps that name for ever: conversation, appointments and buttons hang on it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from bot.channels.whatsapp.refusals import SOURCE
from bot.errors import TryAgain

USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped user id, or a parent's (whatsapp.md section 5). Never to be read as a phone number."""
WA_ID = re.compile(r"[0-9]{5,20}")
_AT_ONCE = 200
"""Senders in one round trip."""

# ARGV: prefix, then of each sender: business-scoped id, parent id, wa_id, seconds of the message (0: none)
# → the chat of each
# A number alone proves nobody once it was seen with another id: numbers are given to other people. Nor may a newcomer's chat
# be called as that of somebody who had the number before.
_MEET = """
local p, chats = ARGV[1], {}
for i = 2, #ARGV, 4 do
  local user, parent, wa, at = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  local chat = false
  if user ~= '' then chat = redis.call('GET', p .. ':id:' .. user) end
  if not chat and parent ~= '' then chat = redis.call('GET', p .. ':id:' .. parent) end
  if not chat and wa ~= '' then
    chat = redis.call('GET', p .. ':id:' .. wa)
    local known = chat and user ~= '' and redis.call('HGET', p .. ':chat:' .. chat, 'user')
    if known and known ~= '' then chat = false end
  end
  if not chat then
    chat = user ~= '' and user or parent ~= '' and parent or wa
    while redis.call('EXISTS', p .. ':chat:' .. chat) == 1 do chat = chat .. '+' end
  end
  local record = p .. ':chat:' .. chat
  for _, identity in ipairs({user, parent, wa}) do
    if identity ~= '' then redis.call('SET', p .. ':id:' .. identity, chat) end
  end
  if user ~= '' then redis.call('HSET', record, 'user', user) end
  if wa ~= '' then redis.call('HSET', record, 'wa', wa) end
  if at > tonumber(redis.call('HGET', record, 'in') or '0') then redis.call('HSET', record, 'in', at) end
  chats[#chats + 1] = chat
end
return chats
"""

# ARGV: prefix, then of each change: old id, new id, field of the record (user or wa)
# An old number is forgotten: its next owner is somebody else. An old user id is nobody else's ever.
_RENAME = """
local p = ARGV[1]
for i = 2, #ARGV, 3 do
  local old, new, field = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local chat = redis.call('GET', p .. ':id:' .. old)
  if chat and old ~= new then
    redis.call('SET', p .. ':id:' .. new, chat)
    redis.call('HSET', p .. ':chat:' .. chat, field, new)
    if field == 'wa' then redis.call('DEL', p .. ':id:' .. old) end
  end
end
return 'OK'
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message came from; at least one identity is not empty."""

    user_id: str = ""
    parent_id: str = ""
    wa_id: str = ""
    sent_at: int = 0
    """Unix seconds; 0 for what does not open the window."""


@dataclass(frozen=True, slots=True)
class Change:
    """A person's identity was replaced."""

    old: str
    new: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Address:
    """How a chat's person is reached."""

    wa_id: str = ""
    user_id: str = ""
    last_inbound: datetime | None = None
    """Aware; None: they have not written, or long ago."""

    def fields(self) -> dict[str, str]:
        """Of the Graph API: the number where it is known, as Meta advises, with its plus, else the id unchanged.

        Raises ValueError where there is neither.
        """
        if self.wa_id:
            return {"to": f"+{self.wa_id}"}
        if not self.user_id:
            raise ValueError("nobody known on WhatsApp")
        return {"recipient": self.user_id}


def read_address(chat: str, wa_id: bytes | None, user_id: bytes | None, seconds: bytes | None) -> Address:
    """From a chat's record; one without a record is reached under its own name."""
    wa, user = (wa_id or b"").decode(), (user_id or b"").decode()
    if not wa and not user:
        wa, user = chat if WA_ID.fullmatch(chat) else "", chat if USER_ID.fullmatch(chat) else ""
    at = int(seconds or 0)
    return Address(wa, user, datetime.fromtimestamp(at, UTC) if at else None)


class Contacts:
    """The people of one number. Every method may raise `TryAgain`: Redis is away."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._shas = {script: sha1(script.encode(), usedforsecurity=False).hexdigest() for script in (_MEET, _RENAME)}

    async def meet(self, senders: Sequence[Sender]) -> list[str]:
        """The chat of each; identities that come together are one person's from now on."""
        chats: list[str] = []
        for at in range(0, len(senders), _AT_ONCE):
            rows = [(one.user_id, one.parent_id, one.wa_id, one.sent_at) for one in senders[at : at + _AT_ONCE]]
            answer = await self._run(_MEET, [part for row in rows for part in row])
            chats += [chat.decode() for chat in answer]
        return chats

    async def rename(self, changes: Iterable[Change]) -> None:
        """People keep their chats under a new number or id."""
        arguments = [part for one in changes for part in (one.old, one.new, "wa" if one.is_number else "user")]
        if arguments:
            await self._run(_RENAME, arguments)

    async def close_window(self, chat: str) -> None:
        """Meta says that it is closed, whatever was counted here."""
        try:
            await self._redis.hset(f"{self._prefix}:chat:{chat}", "in", "0")
        except (RedisError, OSError) as error:
            raise _away(error) from None

    async def _run(self, script: str, arguments: Sequence[str | int]) -> Any:
        # The one declared key tells a cluster where to run; all others share its tag.
        where = (1, f"{self._prefix}:id", self._prefix, *arguments)
        try:
            try:
                return await self._redis.evalsha(self._shas[script], *where)  # type: ignore[arg-type]
            except NoScriptError:
                return await self._redis.eval(script, *where)  # type: ignore[arg-type]
        except (RedisError, OSError) as error:
            raise _away(error) from None


def _away(error: Exception) -> TryAgain:
    return TryAgain(type(error).__name__, source=SOURCE, verb="contacts", after=timedelta(seconds=2))
