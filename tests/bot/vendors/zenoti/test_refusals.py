from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, FrontdeskError, SlotTaken
from bot.vendors.zenoti.refusals import CODES, Refusal, find_refusal, lower_keys

DOCUMENTED: dict[int, type[FrontdeskError]] = {
    400: CallStaff,
    401: CallStaff,
    414: CallStaff,
    422: CallStaff,
    428: CallStaff,
    438: CallStaff,
    441: CallStaff,
    442: AskCustomer,
    481: CallStaff,
    482: AskCustomer,
    484: AskCustomer,
    502: CallStaff,
    503: CallStaff,
    602: CallStaff,
    931: CallStaff,
    932: CallStaff,
    4072: SlotTaken,
    5001: CallStaff,
    5002: CallStaff,
}


def test_every_documented_code_has_an_error() -> None:
    assert {code: type(Refusal(code).translate()) for code in CODES} == DOCUMENTED


def test_a_code_nobody_documented_is_one_for_staff() -> None:
    for code in (None, 12345):
        error = Refusal(code, "Mia Chen is not welcome", verb="confirm", reference="FD-1").translate()
        assert type(error) is CallStaff
        assert "Mia" not in str(error)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, {"error": {"code": 502, "message": "m"}, "x": 1}, 502),
        (200, {"Error": {"StatusCode": 400, "Message": "m"}, "id": None}, 400),
        (200, {"Error": None, "error": {"Code": "4072", "message": "m"}}, 4072),
        (422, {"code": 422, "message": "m"}, 422),
        (200, {"code": 422, "message": "m"}, 422),
        (400, {"Message": "m"}, None),
        (200, {"success": False, "error": {"code": 400, "message": "m"}}, 400),
        (200, {"success": False}, None),
        (200, {"error": "m"}, None),
        (404, {}, None),
    ],
)
def test_a_refusal_is_found_in_every_shape(status: int, body: Any, code: int | None) -> None:
    refusal = find_refusal(status, lower_keys(body))
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize("body", [{"error": None}, {"Error": None, "slots": []}, {"id": "g1", "code": ""}, [], {"error": {}}, {}])
def test_success_is_an_error_that_is_absent_or_null(body: Any) -> None:
    assert find_refusal(200, lower_keys(body)) is None


def test_a_filled_key_beats_its_empty_twin() -> None:
    assert lower_keys({"Error": None, "error": 1, "ERROR": None}) == {"error": 1}
    assert lower_keys({"Error": 1, "error": None}) == {"error": 1}


def test_nothing_is_too_deep() -> None:
    data: Any = 1
    for _ in range(900):
        data = {"A": [data]}
    assert lower_keys(data)["a"]
