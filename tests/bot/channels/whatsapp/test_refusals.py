from datetime import timedelta

import orjson
import pytest

from bot.channels.whatsapp.refusals import Reply, Throttled, explain_reply
from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable, WindowClosed

BY_CODE: dict[type[FrontdeskError], tuple[int, ...]] = {
    TryAgain: (1, 2, 131000, 131016, 131057, 133004, 131056),
    Throttled: (4, 80007, 130429),
    WindowClosed: (131047,),
    Unreachable: (131026, 130403, 131021),
    Unsendable: (33, 100, 131008, 131009, 131051, 131053, 131062, 132000, 132001, 132005, 132007, 132012, 132018,
                 130472, 131049, 131050, 131063, 999_999),
    CallStaff: (0, 3, 10, 190, 200, 299, 368, 130497, 131005, 131031, 131037, 131042, 131045, 131048, 131064,
                132015, 132016, 132068, 132069, 133010),
}  # fmt: skip


def refuse(code: int, *, status: int = 400, retry_after: str = "", **more: object) -> FrontdeskError:
    body = orjson.dumps({"error": {"message": "(#1) Mia +351912345678", "code": code, **more}})
    return explain_reply(Reply(status, body, retry_after), "messages")


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for kind, codes in BY_CODE.items() for code in codes])
@pytest.mark.parametrize("status", [400, 401, 429])
def test_the_code_decides_and_the_http_status_does_not(code: int, kind: type[FrontdeskError], status: int) -> None:
    error = refuse(code, status=status, error_data="plain text")
    assert type(error) is kind
    assert "Mia" not in str(error)


def test_how_long_to_wait_is_meta_s_word_within_reason() -> None:
    for given, seconds in (("7", 7), ("100000", 120), ("soon", 8), ("-3", 8), ("", 8)):
        error = refuse(131056, retry_after=given)
        assert isinstance(error, TryAgain)
        assert error.after == timedelta(seconds=seconds), given


def test_a_number_that_is_not_there_is_the_account_s_fault_and_not_the_message_s() -> None:
    assert isinstance(refuse(100, error_subcode=33), CallStaff)


def test_an_unknown_code_of_a_broken_server_is_tried_again() -> None:
    assert isinstance(refuse(999_999, status=503), TryAgain)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": {"code": "190"}}'])
def test_an_answer_without_a_code_leaves_open_what_happened_unless_the_request_itself_was_refused(body: bytes) -> None:
    assert isinstance(explain_reply(Reply(502, body), "messages"), OutcomeUnknown)
    assert isinstance(explain_reply(Reply(200, body), "messages"), OutcomeUnknown)
    assert isinstance(explain_reply(Reply(404, body), "messages"), CallStaff)
