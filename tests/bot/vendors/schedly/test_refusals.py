from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Contact
from bot.vendors.schedly.refusals import STATUSES, TAKEN_MESSAGES, find_refusal

CONTACT = Contact("Noor", "+351910000000")


def say(code: str, message: str = "", *fields: str) -> dict[str, Any]:
    details = {"details": [{"field": field, "message": ""} for field in fields]} if fields else {}
    return {"status": "error", "error": code, "message": message, **details}


EXPECTED: dict[int, type[FrontdeskError]] = {
    400: CallStaff,
    401: CallStaff,
    403: CallStaff,
    404: CallStaff,
    409: SlotTaken,
    422: CallStaff,
    429: TryAgain,
    500: OutcomeUnknown,
}


def translate(status: int, data: Any, *, is_write: bool = True) -> FrontdeskError:
    refusal = find_refusal(status, data)
    assert refusal is not None
    refusal.verb, refusal.reference = "create", "FD-1"
    error = refusal.translate(CONTACT, is_write=is_write)
    assert str(error).startswith("schedly.create [FD-1]")
    return error


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_every_documented_code_is_named_by_what_to_do(status: int) -> None:
    for answered in (status, 200):  # some put an error into a 200
        assert type(translate(answered, say(STATUSES[status]))) is EXPECTED[status]


def test_the_status_decides_whatever_the_code_says() -> None:
    assert type(translate(409, say("BAD_REQUEST"))) is SlotTaken
    assert type(translate(409, {})) is SlotTaken
    assert type(translate(409, [])) is SlotTaken
    assert type(translate(404, say("CONFLICT"))) is CallStaff


@pytest.mark.parametrize("message", sorted(TAKEN_MESSAGES))
def test_older_handlers_say_it_in_the_message(message: str) -> None:
    assert type(translate(400, {"message": message})) is SlotTaken


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        (("email",), "error.email_needed"),
        (("phone",), "error.phone_wrong"),
        (("name",), "error.name_wrong"),
    ],
)
def test_a_detail_that_the_customer_can_give_is_asked_for(fields: tuple[str, ...], key: str) -> None:
    error = translate(422, say("VALIDATION_ERROR", "", *fields))
    assert isinstance(error, AskCustomer)
    assert error.text_key == key


def test_a_time_that_is_refused_is_taken() -> None:
    assert type(translate(422, say("VALIDATION_ERROR", "", "startTime"))) is SlotTaken
    assert type(translate(400, say("BAD_REQUEST", "", "endTime"))) is SlotTaken


def test_what_went_wrong_inside_is_unclear_for_a_write_alone() -> None:
    assert type(translate(200, say("INTERNAL_ERROR"))) is OutcomeUnknown
    assert type(translate(200, say("INTERNAL_ERROR"), is_write=False)) is TryAgain


@pytest.mark.parametrize("data", [{}, [], {"id": 1, "status": "approved"}, {"status": "success", "data": {}}])
def test_an_answer_is_no_refusal(data: Any) -> None:
    assert find_refusal(201, data) is None


@pytest.mark.parametrize("details", [None, "x", [None], ["name"], [{"field": None}], {"field": "name"}])
def test_details_of_any_shape_do_no_harm(details: Any) -> None:
    assert type(translate(422, say("VALIDATION_ERROR") | {"details": details})) is CallStaff


def test_what_the_vendor_quotes_is_not_passed_on() -> None:
    assert "noor@example.net" not in str(translate(422, say("VALIDATION_ERROR", "noor@example.net is no address")))
