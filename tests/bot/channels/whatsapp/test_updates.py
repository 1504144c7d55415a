from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.tokens import TokenCodec
from bot.channels.whatsapp.contacts import Change
from bot.channels.whatsapp.items import split
from bot.channels.whatsapp.updates import Letter, read_event, read_message, read_status, read_update
from bot.conversation.contract import Commanded, Event, Said, SentOther, SharedContact, Tapped
from tests.bot.channels.whatsapp.emulated import wrap, write

CODEC = TokenCodec(b"secret")
USER, PHONE, WAMID = "US.13491208655302741918", "16505551234", "wamid.1"
CONTACTS = [
    {"profile": {"name": "Somebody Else"}, "wa_id": "1", "user_id": "US.2"},
    {"profile": {"name": "Mia\u200b Chen"}, "wa_id": PHONE, "user_id": USER},
]
TOKEN = CODEC.seal("chat", "time", "1200")
ROW = {"type": "list_reply", "list_reply": {"id": TOKEN, "title": "x"}}
FORM = {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}
CARD = {"name": {"formatted_name": "Mia"}, "phones": [{"wa_id": PHONE}]}
REQUESTED, OTHER = ({"phones": [{"phone": "+1 650"}], "origin": origin} for origin in ("contact_request", "other"))


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"id": WAMID, "from": PHONE, "from_user_id": USER, "timestamp": "1749416383", "type": kind, **content}


def read(content: dict[str, Any]) -> Event:
    letter = read_message(content, CONTACTS)
    assert isinstance(letter, Letter)
    return read_event(letter, "chat", CODEC)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (message("text", text={"body": "haircut"}), Said("haircut", query=WAMID)),
        (message("text", text={"body": "/start now"}), Commanded("start", "now")),
        (
            message("interactive", interactive=ROW, context={"id": "w"}),
            Tapped("time", "1200", message="w", query=WAMID),
        ),
        (
            message("interactive", interactive={"type": "button_reply", "button_reply": {"id": TOKEN}}),
            Tapped("time", "1200", query=WAMID),
        ),
        (message("interactive", interactive={"button_reply": {"id": "forged"}}), Tapped("", query=WAMID)),
        (message("button", button={"payload": TOKEN, "text": "Yes"}), Tapped("time", "1200", query=WAMID)),
        (message("button", button={"payload": "Yes", "text": "Yes"}), Said("Yes", query=WAMID)),
        (message("interactive", interactive=FORM), SentOther("unsupported")),
        (message("interactive", errors=[{"code": 131009}]), SentOther("unsupported")),
        (message("audio", audio={"id": "1", "voice": True}), SentOther("voice")),
        (message("audio", audio={"id": "1"}), SentOther("audio")),
        (message("image", image={"id": "1", "caption": "this"}), SentOther("photo")),
        (message("location", location={"latitude": 1.5, "longitude": 2}), SentOther("location")),
        (message("unsupported", errors=[{"code": 131051}]), SentOther("unsupported")),
        (
            message("contacts", contacts=[CARD], origin="contact_request"),
            SharedContact(f"+{PHONE}", "Mia", is_own=True),
        ),
        (message("contacts", contacts=[REQUESTED]), SharedContact("+1 650", is_own=True)),
        (message("contacts", contacts=[OTHER]), SharedContact("+1 650")),
        (message("contacts", contacts=[{"vcard": "BEGIN:VCARD"}]), SharedContact("")),
    ],
)  # fmt: skip
def test_every_kind_of_message_becomes_its_event(content: dict[str, Any], body: object) -> None:
    event = read(content)
    assert event.body == body
    assert (event.person.id, event.person.name, event.person.phone) == (USER, "Mia Chen", f"+{PHONE}")


@pytest.mark.parametrize(
    "content",
    [
        message("reaction", reaction={"message_id": "w", "emoji": "👍"}),
        message("request_welcome"),
        message("hologram", hologram={}),
        message("text", text={"body": "hi"}, group_id="g"),
        message(""),
    ],
)
def test_what_needs_no_answer_is_left_aside(content: dict[str, Any]) -> None:
    assert read_message(content, None) is None


def test_a_sender_without_a_number_is_known_by_the_id_alone() -> None:
    content = message("text", text={"body": "hi"})
    del content["from"]
    letter = read_message(content, CONTACTS)
    assert isinstance(letter, Letter)
    assert (letter.sender.wa_id, letter.sender.user_id) == ("", USER)
    assert read(content).person.phone == ""


@pytest.mark.parametrize(
    "content",
    [
        None,
        "text",
        {},
        {"id": "", "type": "text", "from": PHONE},
        {"id": "1", "type": "text", "text": {"body": "nobody"}},
        {"id": "1", "type": "text", "text": "plain", "from": PHONE},
        {"id": "1", "type": "text", "text": {"body": ["x"]}, "from": PHONE},
        {"id": "1", "type": "text", "text": {"body": "x"}, "from": "drop table", "from_user_id": "US:1"},
    ],
)
def test_what_cannot_be_read_is_refused_without_quoting_it(content: object) -> None:
    with pytest.raises(ValueError, match=r"^(not a message|nobody sent it)$"):
        read_message(content, None)


def test_changes_of_number_and_id_are_understood() -> None:
    changed = message("system", system={"type": "user_changed_number", "wa_id": "34600000000", "body": "x"})
    assert read_message(changed, None) == (Change(PHONE, "34600000000", is_number=True),)
    older = message("system", system={"type": "user_changed_number", "new_wa_id": "34600000000"})
    assert read_message(older, None) == (Change(PHONE, "34600000000", is_number=True),)
    new_id = message("system", system={"type": "user_changed_user_id", "user_id": "US.9", "previous_user_id": USER})
    assert read_message(new_id, None) == (Change(USER, "US.9", is_number=False),)
    assert read_message(message("system", system={"type": "customer_identity_changed"}), None) == ()
    update = {"wa_id": PHONE, "user_id": {"previous": USER, "current": "US.9"}, "timestamp": 1}
    assert read_update(update) == (Change(USER, "US.9", is_number=False),)
    assert read_update({"user_id": {"previous": "", "current": "US.9"}}) == ()


@pytest.mark.parametrize("contacts", [[{"wa_id": "1"}], [{"user_id": "US.1", "wa_id": "1"}], None])
def test_a_failed_status_needs_no_contact(contacts: object) -> None:
    (item,) = split(wrap(statuses=[{"id": "w", "status": "failed", "errors": [{"code": 131026}]}], contacts=contacts))
    outcome = read_status(item.content)
    assert outcome is not None
    assert (outcome.report.status, outcome.report.code) == ("failed", 131026)


def test_a_status_of_the_future_is_left_aside() -> None:
    assert read_status({"id": "w", "status": "held"}) is None


def test_items_are_found_over_entries_and_changes_whatever_stands_between() -> None:
    body = orjson.dumps(
        {
            "entry": [
                {"changes": [{"field": "messages", "value": {"messages": [1, 2], "statuses": [3]}}, "odd"]},
                {"changes": "odd"},
                None,
                {
                    "changes": [
                        {"field": "account_update", "value": {"event": "x"}},
                        {"field": "messages", "value": {"errors": [4]}},
                    ]
                },
            ]
        }
    )
    kinds = [item.kind for item in split(body)]
    assert kinds == ["messages", "messages", "statuses", "change", "entry", "entry", "account_update", "errors"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"entry": {}}', b'{"object": "page"}', b"[" * 100_000]
)
def test_what_is_no_webhook_is_refused_without_quoting_it(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not (JSON|a webhook of the Cloud API)$"):
        split(body)


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "from", "type", "text", "interactive", "contacts", "system", "user_id"]), inner)
    ),
    max_leaves=8,
)


@given(json, st.sampled_from(["messages", "statuses", "user_id_update", "errors", "other"]))
@settings(deadline=None)
def test_any_json_is_read_or_refused(content: Any, kind: str) -> None:
    for item in split(write({"field": kind, "value": {kind: [content]}}, content)):
        for reader in (lambda one: read_message(one, content), read_status, read_update):
            try:
                found = reader(item.content)
                if isinstance(found, Letter):
                    read_event(found, "chat", CODEC)
            except ValueError:
                continue
        assert split(item.wrap())
