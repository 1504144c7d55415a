"""What the control API may change about the emulator's strictness and its delivery."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from bot.sandbox.switches import Adjustable

Share = Annotated[float, Field(ge=0, le=1)]


class Switches(Adjustable):
    """Limits that the real server has but does not publish, or that a test wants out of its way."""

    flood: bool = True
    """Flood control, and the one setWebhook a second."""
    strict_flood: bool = False
    """A send during a penalty lengthens it."""
    private_interval_seconds: PositiveFloat = 1.0
    private_burst: PositiveInt = 4
    group_interval_seconds: PositiveFloat = 3.0
    group_burst: PositiveInt = 20
    bot_rate: PositiveInt = 30
    """Sends a second over all chats of one bot."""
    edits_count: bool = True
    """Edits use up the chat's budget like sends."""
    strict_text: bool = True
    """Text length counts UTF-16 units, not characters."""
    strict_keyboard: bool = True
    """At most 100 inline buttons, 8 in a row."""
    answer_deadline_seconds: NonNegativeFloat = 15.0
    """How long after a tap answerCallbackQuery is accepted."""
    local_mode: bool = True
    """As a self-hosted Bot API server: webhooks over http, on any port and host."""
    privacy_mode: bool = True
    """In groups the bot sees only commands meant for it and replies to its messages."""


class Delivery(Adjustable):
    """How updates reach the bot's webhook."""

    duplicates: NonNegativeInt = 0
    """Each update arrives this many times more, as after lost acknowledgements."""
    duplicate_share: Share = 1.0
    """Of the updates, how many arrive more than once."""
    concurrent_duplicates: bool = False
    """The repetitions arrive at the same time as the first."""
    delay_seconds: NonNegativeFloat = 0.0
    swap_callbacks: bool = False
    """A message waits up to `swap_hold_seconds` so that a later tap of the same person overtakes it."""
    swap_hold_seconds: NonNegativeFloat = 1.0
    swap_share: Share = 1.0
    """Of the messages, how many wait so."""
    wrong_secret: bool = False
    no_secret: bool = False
    paused: bool = False
    """Nothing is delivered until it is switched off; updates still expire."""
    retry_base_seconds: NonNegativeFloat = 2.0
    """The first retry comes at once, the second after this long, then twice as long each time."""
    answer_timeout_seconds: PositiveFloat = 60.0
