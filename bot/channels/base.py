"""The contract of a messaging platform: what comes in becomes events, what goes out is rendered inside its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, runtime_checkable

from bot.conversation.contract import Event


@dataclass(frozen=True, slots=True)
class Button:
    """A worded button."""

    label: str
    step: str
    value: str = ""
    style: Literal["", "primary", "danger"] = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A worded message, before the platform's form. Plain text: the channel escapes what its platform would interpret."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    """Buttons in rows as they should stand."""
    edits: str = ""
    """The platform's id of the message to replace, or empty."""
    asks_contact: str = ""
    """Label of a button that shares the sender's own phone number; `rows` then become typed shortcuts."""
    is_silent: bool = False
    opener: str = ""
    """What a platform that folds choices away writes on the button that shows them."""
    reference: str = ""
    """Ours, the same whenever this message is sent again; for platforms that report on deliveries."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One incoming event and where it belongs."""

    chat: str
    digest: str
    """The platform's own identity of the delivery: the same again means the same delivery again."""
    event: Event


@dataclass(frozen=True, slots=True)
class Odd:
    """Part of a delivery that nothing can be done with, to be kept for people."""

    body: bytes
    """In the form of a delivery of its own."""
    reason: str = "unreadable"
    error: str = ""
    """No personal data."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Part of a delivery that belongs to another account of ours."""

    account: str
    body: bytes
    """In the form of a delivery of its own."""


Part = Arrival | Odd | Stray


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one chat may be written to."""

    interval: timedelta
    """Between two messages in the long run."""
    burst: int
    """How many may go at once after a silence."""


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """What a platform can do."""

    slug: str
    page_rows: int
    """How many rows of choices one message shows; the rest are on further pages."""
    can_edit: bool
    signs_body: bool = True
    """False: headers alone prove the sender, and without them no byte of a body need be taken in."""
    most_buttons: int = 0
    """How many buttons one message has at most, those that turn pages or lead out included; 0: `page_rows` is all there is."""
    asks_contact_alone: bool = False
    """A message that asks for a contact has no other button: what else there is must be said."""
    shows_typing: bool = False
    """While a turn goes on the chat shows that somebody is typing: nothing need be said only to fill the time."""
    reports_delivery: bool = False
    """Messages are matched to later reports by `Message.reference`."""


class Channel(Protocol):
    """One account (bot, number) on one platform."""

    @property
    def traits(self) -> ChannelTraits: ...

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the sender proved to be the platform. Constant time; an account without a secret proves nothing."""

    @property
    def account(self) -> str:
        """The account as the platform calls it."""

    async def read(self, body: bytes) -> tuple[Part, ...]:
        """What is in a webhook body; empty for what we do not care about.

        Raises ValueError if nothing of it can be read, `TryAgain` if it can be taken only later.
        """

    def pace(self, chat: str) -> Pace:
        """How fast this chat may be written to."""

    async def acknowledge(self, event: Event) -> None:
        """Show that it was received: stop the pressed button's spinner. Never raises: too late is harmless."""

    async def send(self, chat: str, message: Message) -> str:
        """Deliver; returns the platform's message id.

        Raises `TryAgain` (told to wait; not delivered), `OutcomeUnknown` (may have been delivered), `Unreachable`,
        `ChatMoved`, `WindowClosed`, `Unsendable` (this message; the next may be taken), `CallStaff` (the account itself is
        refused).
        """


@runtime_checkable
class VerifiedChannel(Channel, Protocol):
    """A channel whose platform asks the webhook's address to prove itself before it delivers anything."""

    def answer_challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer's body, or None for somebody who is not the platform."""
