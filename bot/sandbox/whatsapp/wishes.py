"""What the control API accepts in its bodies."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(_Wish):
    """Somebody with WhatsApp. First and last name become one profile name; WhatsApp tells no language."""

    first_name: Annotated[str, Field(min_length=1, max_length=64)]
    last_name: str = ""
    phone: str = ""
    username: str = ""
    hides_number: bool = False
    language_code: str = ""


class PersonChange(_Wish):
    """What happens to an account; what is left out stays."""

    is_gone: bool | None = None
    hides_number: bool | None = None
    phone: str = ""
    user_id: str = ""


class Saying(_Wish):
    """A typed message."""

    person: int
    text: str


class Tapping(_Wish):
    """A button or row of a message, of whatever age."""

    person: int
    message_id: str
    data: str


class SharingContact(_Wish):
    """A contact card, one's own or another's; with the button where one was asked for."""

    person: int
    of: int | Literal["own"] = "own"
    by_hand: bool = False


class Sending(_Wish):
    """Anything but text."""

    person: int
    kind: str


class Seeing(_Wish):
    """The person looks at the chat."""

    person: int


class Posting(_Wish):
    """A webhook with any body: signed and delivered as it is."""

    body: Any
