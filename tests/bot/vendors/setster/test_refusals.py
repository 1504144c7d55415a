from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, OutcomeUnknown, TryAgain, VendorChanged
from bot.vendors.failures import KeyRefused
from bot.vendors.http import Answer
from bot.vendors.setster.refusals import Refusal, read_envelope


@pytest.mark.parametrize("code", [0, "0", 0.0])
def test_success_is_2xx_and_code_nought(code: Any) -> None:
    assert read_envelope(Answer(200, {"statusCode": code, "data": [1]}), is_write=True) == [1]


@pytest.mark.parametrize(
    ("status", "body", "is_write", "error"),
    [
        (400, {"statusCode": 1}, True, Refusal),
        (404, {"statusCode": 0}, True, Refusal),
        (409, [], True, Refusal),
        (200, {"statusCode": 1, "data": None}, True, Refusal),
        (200, {"statusCode": 1, "data": {"id": 5}}, True, OutcomeUnknown),
        (200, {"statusCode": 401}, True, KeyRefused),
        (200, {"statusCode": "403"}, False, KeyRefused),
        (200, {"statusCode": 429}, True, TryAgain),
        (200, {"statusCode": 500}, True, OutcomeUnknown),
        (200, {"statusCode": 500}, False, TryAgain),
        (200, {"data": []}, False, VendorChanged),
        (200, {"data": []}, True, OutcomeUnknown),
        (200, [], True, OutcomeUnknown),
        (200, {"statusCode": True}, True, OutcomeUnknown),
    ],
)
def test_everything_else_is_an_error_by_what_to_do(status: int, body: Any, is_write: bool, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_envelope(Answer(status, body), is_write=is_write)


def test_a_field_that_the_customer_can_mend_is_asked_for() -> None:
    with pytest.raises(Refusal) as refused:
        read_envelope(Answer(400, {"statusCode": 1, "data": {"errors": {"client_email": "noor@x is wrong"}}}), is_write=True)
    error = refused.value.translate()
    assert isinstance(error, AskCustomer)
    assert error.text_key == "error.email_wrong"


def test_other_fields_are_named_to_staff_without_what_was_said_of_them() -> None:
    body = {"statusCode": 1, "data": {"errors": {"booking_ref": "Noor", "Noor H noor@x": "?", "x" * 99: "?"}}}
    with pytest.raises(Refusal) as refused:
        read_envelope(Answer(400, body), is_write=True)
    error = refused.value.translate()
    assert isinstance(error, CallStaff)
    assert "booking_ref" in str(error)
    assert "noor" not in str(error).lower()
    assert "xxx" not in str(error)
