import inspect
from datetime import timedelta
from typing import Any

import orjson
import pytest
from telegram import error as theirs

from bot.channels.telegram.refusals import AlreadySo, Refused, Reply, TooLate, Uneditable, explain_exception, explain_reply
from bot.errors import CallStaff, ChatMoved, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable


def explain(status: int, description: str, **parameters: Any) -> FrontdeskError:
    content: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        content["parameters"] = parameters
    return explain_reply(Reply(status, orjson.dumps(content)), "sendMessage")


@pytest.mark.parametrize(
    ("status", "description", "kind"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (403, "Forbidden: user is deactivated", Unreachable),
        (403, "Forbidden: bot can't initiate conversation with a user", Unreachable),
        (403, "Forbidden: bot was kicked from the supergroup chat", Unreachable),
        (403, "Forbidden: bot was kicked from the group chat", Unreachable),
        (403, "Forbidden: bot is not a member of the channel chat", Unreachable),
        (403, "Forbidden: the group chat was deleted", Unreachable),
        (400, "Bad Request: chat not found", Unreachable),
        (400, "Bad Request: message thread not found", Unsendable),
        (400, "Bad Request: TOPIC_CLOSED", Unsendable),
        (400, "Bad Request: message is not modified: specified new message content and reply markup are the same", AlreadySo),
        (400, "Bad Request: query is too old and response timeout expired or query ID is invalid", TooLate),
        (400, "Bad Request: message to edit not found", Uneditable),
        (400, "Bad Request: message can't be edited", Uneditable),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Unsendable),
        (400, "Bad Request: message is too long", Unsendable),
        (400, "Bad Request: BUTTON_DATA_INVALID", Unsendable),
        (400, "Bad Request: reply markup is too long", Unsendable),
        (400, "Bad Request: not enough rights to send text messages to the chat", CallStaff),
        (400, "Bad Request: something nobody has seen yet", Unsendable),
        (401, "Unauthorized", CallStaff),
        (404, "Not Found", CallStaff),
        (409, "Conflict: can't use getUpdates method while webhook is active", CallStaff),
        (413, "Request Entity Too Large", Unsendable),
        (500, "Internal Server Error: restart", OutcomeUnknown),
        (502, "Bad Gateway", OutcomeUnknown),
        (504, "Gateway Timeout", OutcomeUnknown),
    ],
)
def test_each_documented_refusal_has_its_error(status: int, description: str, kind: type[FrontdeskError]) -> None:
    made = explain(status, description)
    assert type(made) is kind
    assert (made.source, made.verb) == ("telegram", "sendMessage")
    assert description[:100] in made.reason


@pytest.mark.parametrize("seconds", [1, 7, 3600])
def test_flood_control_says_how_long_to_wait(seconds: int) -> None:
    made = explain(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    assert isinstance(made, TryAgain)
    assert made.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(("header", "seconds"), [("3", 3), ("", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1)])
def test_a_proxys_flood_control_is_understood_by_its_header(header: str, seconds: int) -> None:
    made = explain_reply(Reply(429, b"<html>", header), "sendMessage")
    assert isinstance(made, TryAgain)
    assert made.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        (
            'Bad Request: can\'t parse entities: Unsupported start tag "quintessa" at byte offset 3',
            "400 Bad Request: can't parse entities: Unsupported start tag …",
        ),
        ("Bad Request: wrong text <b>Quintessa</b>", "400 Bad Request: wrong text …"),
        ('Bad Request: "Quintessa', "400 Bad Request: …"),
        ("Bad Request: message can't be sent", "400 Bad Request: message can't be sent"),
    ],
)
def test_what_a_refusal_quotes_is_left_out(description: str, reason: str) -> None:
    assert explain(400, description).reason == reason


def test_a_migrated_group_has_its_new_chat() -> None:
    made = explain(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1002000000001)
    assert isinstance(made, ChatMoved)
    assert made.new_chat == "-1002000000001"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", OutcomeUnknown),
        (200, b'{"ok": true, "result"', OutcomeUnknown),
        (200, b"[]", OutcomeUnknown),
        (200, b"{}", OutcomeUnknown),
        (200, b'{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}', Unreachable),
        (502, b"<html>Bad gateway</html>", OutcomeUnknown),
        (400, b"", Unsendable),
        (302, b"", CallStaff),
        (400, b'{"parameters": [], "description": null}', Unsendable),
    ],
)
def test_an_answer_in_the_wrong_form_is_judged_by_its_status(status: int, body: bytes, kind: type[FrontdeskError]) -> None:
    assert type(explain_reply(Reply(status, body), "sendMessage")) is kind


CARRIED = Unreachable("carried")
THEIRS: list[tuple[theirs.TelegramError, type[FrontdeskError]]] = [
    (theirs.TelegramError("Invalid server response"), OutcomeUnknown),
    (theirs.NetworkError("Bad Gateway"), OutcomeUnknown),
    (theirs.TimedOut(), OutcomeUnknown),
    (theirs.BadRequest("Chat not found"), Unreachable),
    (theirs.BadRequest("Button_data_invalid"), CallStaff),
    (theirs.Forbidden("Forbidden: bot was blocked by the user"), Unreachable),
    (theirs.InvalidToken(), CallStaff),
    (theirs.EndPointNotFound("Endpoint 'x' not found"), CallStaff),
    (theirs.Conflict("Conflict: terminated by other getUpdates request"), CallStaff),
    (theirs.ChatMigrated(-1002000000001), ChatMoved),
    (theirs.PassportDecryptionError("never asked for"), OutcomeUnknown),
    (Refused(CARRIED), Unreachable),
]


@pytest.mark.parametrize(("error", "kind"), THEIRS)
def test_each_error_of_the_client_library_has_its_error(error: theirs.TelegramError, kind: type[FrontdeskError]) -> None:
    assert type(explain_exception(error, "getMe")) is kind


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
def test_the_client_librarys_flood_error_says_how_long_to_wait() -> None:
    made = explain_exception(theirs.RetryAfter(5), "setWebhook")
    assert isinstance(made, TryAgain)
    assert made.after == timedelta(seconds=5)


def test_no_error_of_the_client_library_is_forgotten() -> None:
    classes = {kind for _, kind in inspect.getmembers(theirs, inspect.isclass) if issubclass(kind, theirs.TelegramError)}
    assert classes == ({type(error) for error, _ in THEIRS} | {theirs.RetryAfter}) - {Refused}


def test_our_own_error_passes_through_the_client_library_unchanged() -> None:
    assert explain_exception(Refused(CARRIED), "getMe") is CARRIED


def test_every_refusal_is_of_our_tree() -> None:
    assert all(issubclass(kind, FrontdeskError) for kind in (AlreadySo, TooLate, Uneditable))
