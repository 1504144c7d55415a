from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Arrival
from bot.channels.telegram.updates import OTHER_KINDS, UpdateReader
from bot.channels.tokens import TokenCodec
from bot.conversation.contract import Commanded, Event, Left, Person, Said, SentOther, SharedContact, Tapped

BOT_ID = 4242
CODEC = TokenCodec(b"secret")
READER = UpdateReader(CODEC, bot_id=BOT_ID, username="HarbourBot")

PERSON = 5_000_000_001
GROUP = -1_002_000_000_000
ANNA = {"id": PERSON, "is_bot": False, "first_name": "Anna"}
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Harbour", "username": "HarbourBot"}
OTHER_BOT = {"id": 99, "is_bot": True, "first_name": "Gif", "username": "gif"}
PRIVATE = {"id": PERSON, "type": "private", "first_name": "Anna"}
STAFF_GROUP = {"id": GROUP, "type": "supergroup", "title": "Staff"}


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": ANNA, "chat": PRIVATE, "date": 1_795_000_000, **fields}


def in_group(**fields: Any) -> dict[str, Any]:
    return message(chat=STAFF_GROUP, **fields)


def callback(**fields: Any) -> dict[str, Any]:
    return {"id": "900", "from": ANNA, "message": message(**{"from": BOT, "text": "Which?"}), "chat_instance": "1", **fields}


def read(**update: Any) -> tuple[Arrival, ...]:
    return READER.read(orjson.dumps({"update_id": 31, **update}))


def read_body(**update: Any) -> object:
    arrivals = read(**update)
    return arrivals[0].event.body if arrivals else None


def test_a_line_of_text_arrives_with_its_sender() -> None:
    sender = ANNA | {"last_name": "Ni\u200b", "username": "anna", "language_code": "pt-br", "is_premium": True}
    assert read(message=message(**{"from": sender, "text": "haircut tomorrow"})) == (
        Arrival(str(PERSON), "31", Event(Said("haircut tomorrow"), Person(str(PERSON), "Anna Ni", "pt-br"))),
    )


def test_optional_parts_of_a_sender_may_be_missing() -> None:
    bare = {"id": PERSON, "is_bot": False}
    assert read(message=message(**{"from": bare, "text": "hi"}))[0].event.person == Person(str(PERSON), "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Commanded("start")),
        ("/start aBc_-9", Commanded("start", "aBc_-9")),
        ("/Menu@harbourbot  now ", Commanded("menu", "now")),
        ("/note two\nlines", Commanded("note", "two\nlines")),
        ("/menu@OtherBot", None),
        ("/", Said("/")),
        ("/größe", Said("/größe")),
        ("3/4", Said("3/4")),
    ],
)
def test_commands_are_told_from_text(text: str, expected: object) -> None:
    assert read_body(message=message(text=text)) == expected


def test_a_tap_says_what_its_button_said_when_it_was_made() -> None:
    data = CODEC.seal(str(PERSON), "time", "17:00")
    assert read(callback_query=callback(data=data)) == (
        Arrival(str(PERSON), "31", Event(Tapped("time", "17:00", message="7", query="900"), Person(str(PERSON), "Anna"))),
    )


def test_a_tap_on_a_message_too_old_to_be_shown_is_understood() -> None:
    old = {"chat": PRIVATE, "message_id": 3, "date": 0}
    data = CODEC.seal(str(PERSON), "time", "17:00")
    assert read_body(callback_query=callback(data=data, message=old)) == Tapped("time", "17:00", message="3", query="900")


@pytest.mark.parametrize("data", [CODEC.seal("1", "time", "17:00"), "time:17:00", "", None])
def test_a_button_that_proves_nothing_still_arrives_to_be_answered(data: str | None) -> None:
    query = callback(data=data) if data is not None else callback(game_short_name="chess")
    assert read_body(callback_query=query) == Tapped("", "", message="7", query="900")


def test_any_member_of_a_group_may_tap_and_is_named() -> None:
    data = CODEC.seal(str(GROUP), "approve", "7")
    member = {"id": 77, "is_bot": False, "first_name": "Bo"}
    (arrival,) = read(callback_query=callback(**{"from": member, "data": data, "message": in_group()}))
    assert (arrival.chat, arrival.event.person.id, arrival.event.body) == (
        str(GROUP),
        "77",
        Tapped("approve", "7", message="7", query="900"),
    )


def test_a_tap_under_an_inline_message_is_none_of_ours() -> None:
    query = {"id": "900", "from": ANNA, "inline_message_id": "abc", "chat_instance": "1", "data": "x"}
    assert read(callback_query=query) == ()


CARD = {"phone_number": "4915112345678", "first_name": "Anna", "last_name": "Berg", "user_id": PERSON}


@pytest.mark.parametrize(
    ("fields", "is_own"),
    [
        ({"contact": CARD}, True),
        ({"contact": CARD | {"user_id": 77}}, False),
        ({"contact": {"phone_number": "4915112345678", "first_name": "Anna", "last_name": "Berg"}}, False),
        ({"contact": CARD, "forward_origin": {"type": "user", "sender_user": ANNA, "date": 1}}, False),
        ({"contact": CARD, "forward_date": 1, "forward_from": ANNA}, False),
        ({"contact": CARD, "via_bot": OTHER_BOT}, False),
    ],
)
def test_only_a_card_that_the_sender_proved_is_the_senders_own(fields: dict[str, Any], is_own: bool) -> None:
    expected = SharedContact("4915112345678", "Anna Berg", is_own=is_own)
    assert read_body(message=message(**fields)) == expected


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_we_do_not_read_is_named(kind: str) -> None:
    assert read_body(message=message(**{kind: {"file_id": "x"}})) == SentOther(kind)


def test_a_file_that_is_also_an_animation_is_an_animation() -> None:
    assert read_body(message=message(document={}, animation={})) == SentOther("animation")


def test_an_album_is_one_event() -> None:
    pictures = [message(message_id=7 + at, photo=[{}], media_group_id="1234") for at in range(3)]
    arrivals = {READER.read(orjson.dumps({"update_id": at, "message": picture})) for at, picture in enumerate(pictures)}
    assert arrivals == {(Arrival(str(PERSON), "album-1234", Event(SentOther("photo"), Person(str(PERSON), "Anna"))),)}


def test_text_of_another_bot_is_not_the_senders_word() -> None:
    assert read_body(message=message(text="book it", via_bot=OTHER_BOT)) == SentOther("via_bot")


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": message(text="changed")},
        {"edited_message": message(location={"latitude": 1.0, "longitude": 2.0, "live_period": 900})},
        {"channel_post": message(text="news")},
        {"message": message(text="/today", chat={"id": -1005, "type": "channel"})},
        {"message": message(**{"from": BOT, "text": "hi"})},
        {"message": in_group(**{"from": {"id": 1_087_968_824, "is_bot": True}, "sender_chat": STAFF_GROUP, "text": "/today"})},
        {"message": in_group(**{"from": {"id": 777_000, "is_bot": False}, "sender_chat": {"id": -1005}, "text": "/today"})},
        {"message": {"message_id": 7, "chat": PRIVATE, "date": 1, "text": "from nobody"}},
        {"message": in_group(text="chatter")},
        {"message": in_group(photo=[{}])},
        {"message": in_group(text="chatter", reply_to_message={"message_id": 1, "from": ANNA})},
        {"message": in_group(text="/today@OtherBot")},
        {"message": in_group(new_chat_members=[BOT])},
        {"message": in_group(migrate_to_chat_id=-1006)},
        {"message": message(pinned_message=message(text="hi"))},
        {"poll_answer": {"poll_id": "1"}},
        {"hologram": {"depth": 3}},
        {},
    ],
)
def test_what_is_not_meant_for_us_is_passed_over(update: dict[str, Any]) -> None:
    assert read(**update) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "/today"}, Commanded("today")),
        ({"text": "/today@HarbourBot"}, Commanded("today")),
        ({"text": "@harbourbot who is next?"}, Said("who is next?")),
        ({"text": "ill today", "reply_to_message": {"message_id": 1, "from": BOT}}, Said("ill today")),
        ({"sticker": {}, "reply_to_message": {"message_id": 1, "from": BOT}}, SentOther("sticker")),
    ],
)
def test_a_group_is_heard_when_it_speaks_to_the_bot(fields: dict[str, Any], expected: object) -> None:
    assert read_body(message=in_group(**fields)) == expected


def test_before_its_name_is_known_a_bot_takes_every_command_for_its_own() -> None:
    nameless = UpdateReader(CODEC, bot_id=BOT_ID)
    (arrival,) = nameless.read(orjson.dumps({"update_id": 1, "message": in_group(text="/today@HarbourBot")}))
    assert arrival.event.body == Commanded("today")


@pytest.mark.parametrize("status", ["kicked", "left"])
@pytest.mark.parametrize("chat", [PRIVATE, STAFF_GROUP])
def test_a_block_is_heard_of(status: str, chat: dict[str, Any]) -> None:
    change = {"chat": chat, "from": ANNA, "date": 1, "new_chat_member": {"status": status, "user": BOT, "until_date": 0}}
    assert read(my_chat_member=change) == (Arrival(str(chat["id"]), "31", Event(Left(), Person(str(PERSON), "Anna"))),)


@pytest.mark.parametrize("status", ["member", "administrator", "restricted"])
def test_coming_back_is_no_event(status: str) -> None:
    assert read(my_chat_member={"chat": PRIVATE, "from": ANNA, "new_chat_member": {"status": status}}) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"update"',
        b"{}",
        b'{"update_id": "one"}',
        b'{"update_id": 1, "message": "Anna"}',
        b'{"update_id": 1, "message": {"from": {"id": 1}, "text": "no chat"}}',
        b'{"update_id": 1, "message": {"chat": {"id": 1}, "text": "\\ud83d"}}',
        b'{"update_id": 1, "callback_query": {"id": "1"}}',
        b'{"update_id": 1, "message": {"chat": {"id": 18446744073709551616}, "from": {"id": 1}, "text": "hi"}}',
        b'{"update_id": 1, "message": {"chat": {"id": 1}, "from": {"id": -9223372036854775809}, "text": "hi"}}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_update_is_refused_without_quoting_it(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not an update of the Bot API$") as caught:
        READER.read(body)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "chat", "from", "text"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "my_chat_member", "x"]), json))
def test_any_json_is_read_or_refused(update: dict[str, Any]) -> None:
    try:
        READER.read(orjson.dumps(update))
    except ValueError:
        return
