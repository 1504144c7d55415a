import io
import logging
import os
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from bot.errors import TryAgain
from bot.logs import LINE, QUIET, RedactingFormatter, redact, set_up_logging


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POST https://api.telegram.org/bot123456:AAE-x_y/sendMessage", "POST https://api.telegram.org/bot<token>/sendMessage"),
        ("POST /bot123:ABC/getMe", "POST /bot<token>/getMe"),
        ("token 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw is wrong", "token <token> is wrong"),
        ("Authorization: apikey 0a1b2c", "Authorization: apikey <key>"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer <key>"),
        ("GET /appointment?session_token=abc&company_id=3", "GET /appointment?session_token=<secret>&company_id=3"),
        ("redis://user:pass@cache:6379/0", "redis://<login>@cache:6379/0"),
        ("called +351 912 345 678 twice", "called <phone> twice"),
        ("called +351912345678.", "called <phone>."),
        ("wa 351912345678 wrote", "wa <number> wrote"),
    ],
)
def test_secrets_and_phones_are_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "harbour:telegram:1234567890 is late",
        "harbour:telegram:-1001234567890 is late",
        "booking 7f3c2a10-11ee-4b7e-9d3a-446655440000 confirmed",
        "took 1234 ms, 200 OK, Redis 7.0.15",
    ],
)
def test_what_helps_the_operator_stays(text: str) -> None:
    assert redact(text) == text


def test_traceback_is_redacted_too() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter(LINE))
    log = logging.Logger("test")
    log.addHandler(handler)
    log.error("call of %s failed", "+351912345678", exc_info=OSError("no answer from /bot123:ABC/getMe"))
    line, *trace = stream.getvalue().splitlines()
    assert line.endswith("ERROR test: call of <phone> failed")
    assert trace[-1] == "OSError: no answer from /bot<token>/getMe"


class Person(BaseModel):
    phone: int


def quote_in_a_value() -> None:
    float("Quintessa")


def quote_in_a_key() -> None:
    os.environ["Quintessa"]  # noqa: SIM112


def quote_in_a_model() -> None:
    Person.model_validate_json('{"phone": "Quintessa"}')


def quote_in_a_cause() -> None:
    try:
        quote_in_a_value()
    except ValueError as error:
        raise TryAgain("no answer", source="zenoti", verb="slots") from error


def quote_in_a_context() -> None:
    try:
        quote_in_a_value()
    finally:
        quote_in_a_key()


def quote_in_a_group() -> None:
    raise ExceptionGroup("Quintessa", [ValueError("Quintessa")])


@pytest.mark.parametrize(
    "fail", [quote_in_a_value, quote_in_a_key, quote_in_a_model, quote_in_a_cause, quote_in_a_context, quote_in_a_group]
)
def test_a_traceback_says_where_and_what_kind_and_quotes_nobody(fail: Callable[[], None]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  of any kind
        fail()
    error = caught.value
    written = RedactingFormatter(LINE).formatException((type(error), error, error.__traceback__))
    assert type(error).__qualname__ in written
    told = [line for line in written.splitlines() if not line.startswith("    ")]  # without the lines of code
    assert "Quintessa" not in "".join(told)
    assert f", in {fail.__name__}" in written


def test_our_own_errors_keep_their_words() -> None:
    error = TryAgain("no answer", source="zenoti", verb="slots", reference="AB12")
    assert RedactingFormatter(LINE).formatException((TryAgain, error, None)).endswith("TryAgain: zenoti.slots [AB12] no answer")


def test_libraries_that_log_requests_are_quiet() -> None:
    root = logging.getLogger()
    before = root.level, root.handlers[:], {name: logging.getLogger(name).level for name in QUIET}
    try:
        set_up_logging("info")
        assert root.level == logging.INFO
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
        assert logging.getLogger("frontdesk").isEnabledFor(logging.INFO)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
        for name, level in before[2].items():
            logging.getLogger(name).setLevel(level)
