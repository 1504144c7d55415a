"""Records of older versions are brought up to date, newer ones are left alone."""

import pytest

from bot.channels.base import Message
from bot.conversation.codec import (
    Intent,
    Relay,
    check_session,
    decode_event,
    decode_intent,
    decode_letter,
    decode_session,
    encode_event,
    encode_intent,
    encode_letter,
    encode_session,
    salvage_intent,
)
from bot.conversation.contract import Event, Person, Said, Session
from bot.conversation.versions import EVENT, INTENT, MESSAGE, SESSION, Format
from bot.errors import TooNew
from bot.model import Appointment
from tests.bot.conversation.test_saga import REQUEST


def _shout(record: dict[str, object]) -> dict[str, object]:
    return {"text": str(record["line"]).upper()}


def _count(record: dict[str, object]) -> dict[str, object]:
    return {**record, "length": len(str(record["text"]))}


THIRD = Format("event", 3, {1: _shout, 2: _count})


def test_a_record_goes_through_every_step_from_its_version_to_ours() -> None:
    assert THIRD.read(b'1 {"line":"hello"}') == b'{"text":"HELLO","length":5}'
    assert THIRD.read(b'2 {"text":"hello"}') == b'{"text":"hello","length":5}'
    assert THIRD.read(THIRD.write(b"as it is")) == b"as it is"


def test_a_record_of_a_newer_version_is_said_to_be_one() -> None:
    with pytest.raises(TooNew, match="event of version 4") as caught:
        THIRD.read(b"4 {}")
    assert caught.value.kind == "event"


@pytest.mark.parametrize("body", [b"", b"{}", b"x {}", b"-1 {}", b'0 {"line":""}', "\u0661 {}".encode(), b"1 no json"])
def test_what_no_version_has_written_is_no_record(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        THIRD.read(body)


def test_every_record_is_read_back_as_it_was_written() -> None:
    event, session, message = Event(Said("hi"), Person("1", "Mia", "en")), Session(name="Mia", pending=REQUEST), Message("hello")
    assert decode_event(encode_event(event)) == event
    assert decode_session(encode_session(session)) == session
    assert decode_letter(encode_letter(message)) == message
    assert decode_intent(encode_intent(Intent(REQUEST))) == Intent(REQUEST)


def test_every_version_since_the_first_has_its_step() -> None:
    for kind in (EVENT, SESSION, MESSAGE, INTENT):
        assert set(kind.steps) == set(range(1, kind.version)), kind.kind


def test_a_line_for_staff_is_passed_on_by_a_worker_that_cannot_read_it() -> None:
    relay = Relay("harbour:telegram:-1", b'99 {"body":{"kind":"sung"}}')
    assert decode_letter(encode_letter(relay)) == relay


def test_a_first_version_session_that_waits_for_an_outcome_keeps_what_was_picked() -> None:
    session = Session(state="checking", pending=REQUEST, picks={"location": "loc1", "service_name": "Cut"})
    first = encode_session(session).replace(SESSION.mark, b"1 ", 1)
    assert decode_session(first).wish == session.picks
    idle = encode_session(Session(state="menu", picks={"location": "loc1"})).replace(SESSION.mark, b"1 ", 1)
    assert decode_session(idle).wish == {}


def test_a_first_version_intent_is_pursued_as_before() -> None:
    first = encode_intent(Intent(REQUEST, looks=3)).replace(INTENT.mark, b"1 ", 1)
    assert decode_intent(first) == Intent(REQUEST, looks=3)


def test_what_was_wanted_is_read_out_of_an_intent_that_nobody_can_read() -> None:
    newer = b"99 " + encode_intent(Intent(REQUEST)).removeprefix(INTENT.mark)
    assert salvage_intent(newer) == Intent(REQUEST)
    for body in (b"", b"scribble", b"99 {}", b"99 []", b'99 {"request": 7}'):
        assert salvage_intent(body) is None


def test_what_was_to_change_is_read_out_of_an_intent_that_nobody_can_read() -> None:
    start = REQUEST.starts_at
    appointment = Appointment("a1", "loc1", "s1", "Cut", start, start)
    whole = encode_intent(Intent(REQUEST, "move", appointment)).removeprefix(INTENT.mark)
    assert salvage_intent(b"99 " + whole) == Intent(REQUEST, "move", appointment)
    assert salvage_intent(b"99 " + whole.replace(b'"service_name"', b'"renamed"')) == Intent(REQUEST, "move")


def test_a_session_is_looked_over_without_being_read() -> None:
    check_session(SESSION.mark + b"whatever")
    with pytest.raises(TooNew):
        check_session(b"99 {}")
    with pytest.raises(ValueError, match="without a version"):
        check_session(b"{}")
