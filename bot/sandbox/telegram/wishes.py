"""What the control API accepts in its bodies."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(_Wish):
    """Left-out optional fields are missing in updates too."""

    first_name: Annotated[str, Field(min_length=1, max_length=64)]
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    phone: str = ""


class Acting(_Wish):
    """Somebody does something that needs no further words."""

    person: int


class Saying(Acting):
    """A typed message."""

    text: str
    reply_to: int = 0
    thread: int = 0
    anonymous: bool = False
    forwarded: bool = False
    via_other_bot: bool = False


class Tapping(Acting):
    """Either a place on the keyboard or data, which may have left it."""

    message_id: int
    row: int | None = None
    column: int | None = None
    data: str | None = None
    inaccessible: bool = False


class SharingContact(Acting):
    """A contact card, one's own or another's."""

    of: int | Literal["own"] = "own"
    without_user_id: bool = False
    forwarded: bool = False


class Sending(Acting):
    """Anything but text."""

    kind: str
    caption: str = ""
    latitude: float | None = None
    longitude: float | None = None
    media_group_id: str = ""
    forwarded: bool = False


class Editing(Acting):
    """A new text, or the next place of a live location."""

    message_id: int
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Starting(Acting):
    """A deep link t.me/<bot>?start=<payload>."""

    payload: str = ""


class GroupChange(Acting):
    """What happens to the bot's place in a group, or to the group."""

    status: Literal["member", "administrator", "left", "kicked", "deleted"] | None = None
    topics: list[int] | None = None
    other_bot_spoke: bool = False


class Migrating(_Wish):
    """A group becomes a supergroup."""

    person: int | None = None


class PersonChange(_Wish):
    """An account is deleted, or comes back."""

    deactivated: bool
