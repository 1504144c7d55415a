"""What can go wrong, named by what to do next.

    FrontdeskError
    ├── TryAgain            nothing happened; the same call may be repeated after a while
    ├── AskCustomer         the customer has to choose or correct something
    │   └── SlotTaken       … another time, because this one is gone
    ├── CallStaff           a person of the business has to act
    ├── OutcomeUnknown      it may or may not have happened: look before doing it again
    ├── NotSupported        this vendor or channel has no such thing
    ├── VendorChanged       an answer did not have the documented shape
    ├── Unreachable         this customer cannot be written to on this channel any more
    ├── WindowClosed        the platform takes nothing of ours until the customer writes again; keep it, tell whoever can act
    ├── Unsendable          the platform refuses this very message; drop it, the next may be taken
    ├── ChatMoved           the chat has a new id; send there
    ├── TooNew              a newer version of the bot wrote this record; leave it to a worker of that version
    └── Fenced              another worker holds this conversation; drop everything

    SettingsError           outside the tree, so that nothing which survives failures swallows it

`str()` of each names vendor or channel, verb and our reference: never a name, a phone number, a text or a secret.
"""

from datetime import timedelta
from typing import Literal


class FrontdeskError(Exception):
    """Base of everything the bot expects to go wrong."""

    def __init__(self, reason: str = "", *, source: str = "", verb: str = "", reference: str = "") -> None:
        self.reason = reason
        self.source = source
        self.verb = verb
        self.reference = reference
        super().__init__(reason)

    def __str__(self) -> str:
        where = ".".join(part for part in (self.source, self.verb) if part)
        about = f"[{self.reference}]" if self.reference else ""
        return " ".join(part for part in (where, about, self.reason) if part)


class TryAgain(FrontdeskError):
    """Certainly not applied. Repeat after `after`."""

    def __init__(
        self, reason: str = "", *, after: timedelta = timedelta(seconds=1), source: str = "", verb: str = "", reference: str = ""
    ) -> None:
        super().__init__(reason, source=source, verb=verb, reference=reference)
        self.after = after


class AskCustomer(FrontdeskError):
    """Certainly not applied. `text_key` (in locales/) tells the customer what to choose or correct."""

    def __init__(self, text_key: str, *, source: str = "", verb: str = "", reference: str = "") -> None:
        super().__init__(text_key, source=source, verb=verb, reference=reference)
        self.text_key = text_key


class SlotTaken(AskCustomer):
    """The time is gone. Certainly not applied."""

    def __init__(self, *, source: str = "", verb: str = "", reference: str = "") -> None:
        super().__init__("booking.taken", source=source, verb=verb, reference=reference)


class CallStaff(FrontdeskError):
    """Certainly not applied, and no repeat will help: a person has to act."""


class OutcomeUnknown(FrontdeskError):
    """The request left us and no usable answer came back."""


class NotSupported(FrontdeskError):
    """The vendor or channel does not have this ability (see its traits)."""


class VendorChanged(FrontdeskError):
    """The answer does not fit the documented shape. For a write, callers treat it as OutcomeUnknown."""


class Unreachable(FrontdeskError):
    """The customer blocked the bot, left, or never started it."""


class WindowClosed(FrontdeskError):
    """The customer has not written for so long that the platform takes only messages approved beforehand."""


class Unsendable(FrontdeskError):
    """The platform will never take this message: a mistake of ours in it."""


class ChatMoved(FrontdeskError):
    """The platform gave the chat another id."""

    def __init__(self, new_chat: str, *, source: str = "", verb: str = "") -> None:
        super().__init__("moved", source=source, verb=verb)
        self.new_chat = new_chat


class TooNew(FrontdeskError):
    """A record of a version that only a newer bot knows. It must stay as it is."""

    def __init__(self, kind: Literal["event", "session", "message", "intent"], *, version: int) -> None:
        super().__init__(f"{kind} of version {version}", source="redis", verb="read")
        self.kind = kind


class Fenced(FrontdeskError):
    """Someone else holds the lease: whatever this worker still has in hand is void."""


class SettingsError(Exception):
    """A setting is missing or wrong. Names file, key, what was found and what is expected."""
