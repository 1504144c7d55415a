"""Sends what waits in a conversation's outbox, in order, and never from anything but committed state."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

from prometheus_client import CollectorRegistry, Counter

from bot.channels.base import Channel, Message
from bot.conversation.codec import Relay, decode_letter
from bot.errors import CallStaff, ChatMoved, OutcomeUnknown, TryAgain, Unreachable, Unsendable, WindowClosed
from bot.inbox.keys import Conversation
from bot.inbox.mailbox import RELAY_CAP, Held, Mailbox, Waiting

SENDING = timedelta(seconds=10)
"""The longest a channel may take to send one message; a lease must have that much left."""
_PATIENCE = timedelta(seconds=2)
"""Longer waits for the chat's pace are not spent holding the conversation."""
_LONGEST_PAUSE = timedelta(minutes=1)

log = logging.getLogger("frontdesk.delivery")


class Delivery:
    """Takes messages from the outbox to their channel, and relays to other conversations."""

    def __init__(self, mailbox: Mailbox, registry: CollectorRegistry, *, nudge: Callable[[str], None]) -> None:
        """`nudge` tells the worker that a conversation has got something."""
        self._mailbox = mailbox
        self._nudge = nudge
        self._sent = Counter("frontdesk_messages", "Messages by outcome.", ["outcome"], registry=registry)

    async def send_all(self, held: Held, channel: Channel, *, releases: bool) -> bool:
        """Empty the outbox. False: the conversation was let go, finished or not."""
        while held.messages:
            if held.wait > _PATIENCE:
                await self._mailbox.release(held, delay=held.wait, holds_sending=True)
                return False
            if held.wait:
                await asyncio.sleep(held.wait.total_seconds())
            if not held.lasts(SENDING):
                await self._mailbox.renew(held)
            if not await self._send_head(held, channel, releases=releases):
                return False
        return True

    async def _send_head(self, held: Held, channel: Channel, *, releases: bool) -> bool:
        waiting = held.messages[0]
        letter = decode_letter(waiting.body)
        try:
            if isinstance(letter, Relay):
                prompt = await self._relay(held, waiting, letter)
            else:
                if channel.traits.reports_delivery:
                    letter = _refer(letter, held, waiting)
                prompt = await self._send(held, channel, letter)
        except TryAgain as error:
            self._sent.labels("held").inc()
            await self._mailbox.release(held, delay=error.after, holds_sending=True)
            return False
        except OutcomeUnknown as error:
            # It may have arrived. Telegram cannot tell, so it is sent again: the stated window for a repeat.
            self._sent.labels("unknown").inc()
            log.warning("send unclear: %s", error)
            await self._mailbox.release(
                held, delay=_pause(held.tries), holds_sending=True, has_failed=True, error=type(error).__name__
            )
            return False
        except CallStaff as error:
            self._sent.labels("refused").inc()
            log.error("account refused: %s", error)  # noqa: TRY400  the trace says nothing more
            await self._mailbox.release(held, delay=_LONGEST_PAUSE, holds_sending=True)
            return False
        pace = channel.pace(held.conversation.chat)
        # The last of several lets go; `held.messages` may know fewer than wait in Redis, which then says so.
        return await self._mailbox.confirm_sent(
            held,
            waiting,
            prompt=prompt,
            releases=releases and len(held.messages) == 1 and not held.has_lost,
            interval=pace.interval,
            burst=pace.burst,
        )

    async def _send(self, held: Held, channel: Channel, message: Message) -> str:
        chat = held.conversation.chat
        try:
            message_id = await channel.send(chat, message)
        except ChatMoved as moved:
            log.warning("chat moved: settings still name the old id of a staff chat of %s", held.conversation.business)
            message_id = await channel.send(moved.new_chat, message)
        except WindowClosed as error:
            self._sent.labels("window").inc()
            log.warning("message kept as a dead letter: %s", error)
            await self._mailbox.bury(held.conversation, "message", held.messages[0].body, reason="window", error=error.reason)
            return ""
        except Unreachable:
            self._sent.labels("unreachable").inc()
            return ""
        except Unsendable as error:
            self._sent.labels("unsendable").inc()
            log.error("message dropped: %s", error)  # noqa: TRY400  the trace says nothing more
            await self._bury_head(held, reason="unsendable", error=error.reason)
            return ""
        self._sent.labels("sent").inc()
        return message_id

    async def drop_head(self, held: Held, *, reason: str, error: str) -> bool:
        """Give the first message up, so that those behind it can leave. False: the conversation was let go."""
        await self._bury_head(held, reason=reason, error=error)
        return await self._mailbox.confirm_sent(held, held.messages[0], releases=False)

    async def _bury_head(self, held: Held, *, reason: str, error: str) -> None:
        held.has_lost = True
        await self._mailbox.bury(held.conversation, "message", held.messages[0].body, reason=reason, error=error)

    async def _relay(self, held: Held, waiting: Waiting, relay: Relay) -> str:
        delivery = f"{held.conversation.id}:{waiting.sequence}"
        taken = await self._mailbox.enqueue(Conversation.parse(relay.to), delivery, relay.event, cap=RELAY_CAP)
        if taken == "FULL":
            raise TryAgain("full", source="inbox", verb="relay", after=timedelta(seconds=5))
        self._nudge(relay.to)
        return ""


def _refer(message: Message, held: Held, waiting: Waiting) -> Message:
    """With a reference that is the same for every try, and no other message's even after a restart with older records."""
    seed = b"%b|%d|%b" % (held.conversation.id.encode(), waiting.sequence, waiting.body)
    return replace(message, reference=blake2b(seed, digest_size=12).hexdigest())


def _pause(tries: int) -> timedelta:
    return min(timedelta(seconds=0.5) * 2.0 ** min(tries, 10), _LONGEST_PAUSE)
