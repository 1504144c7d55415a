import hmac
import json

import pytest

from bot.channels.whatsapp.signature import SIGNATURE_HEADER, answer_challenge, is_signed, sign

SECRET, OLD = b"app secret", b"the one before"
BODY = json.dumps({"text": {"body": "стрижка 👍 a/b"}}).replace("/", r"\/").encode()
HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "1158201444"}


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    expected = "sha256=" + hmac.new(SECRET, BODY, "sha256").hexdigest()
    assert sign(SECRET, BODY) == expected
    assert is_signed([SECRET], BODY, {SIGNATURE_HEADER: expected})
    # The same JSON as another program would write it: Meta did not sign that.
    assert not is_signed([SECRET], json.dumps(json.loads(BODY), ensure_ascii=False).encode(), {SIGNATURE_HEADER: expected})


@pytest.mark.parametrize(
    "given", ["", "sha256=", sign(OLD, BODY), sign(SECRET, BODY)[:-1], sign(SECRET, BODY).upper(), "ü", "\ud83d"]
)
def test_anything_else_is_no_signature(given: str) -> None:
    assert not is_signed([SECRET], BODY, {SIGNATURE_HEADER: given})


def test_a_missing_header_and_a_missing_secret_prove_nothing() -> None:
    assert not is_signed([SECRET], BODY, {})
    assert not is_signed([], BODY, {SIGNATURE_HEADER: sign(b"", BODY)})


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    for secret in (SECRET, OLD):
        assert is_signed([SECRET, OLD], BODY, {SIGNATURE_HEADER: sign(secret, BODY)})


def test_the_challenge_is_answered_as_it_is() -> None:
    assert answer_challenge("ours", HANDSHAKE) == "1158201444"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.verify_token": "theirs"},
        {"hub.verify_token": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 201},
    ],
)
def test_who_is_not_meta_gets_no_challenge_back(change: dict[str, str]) -> None:
    assert answer_challenge("ours", HANDSHAKE | change) is None


def test_without_a_token_of_ours_no_handshake_succeeds() -> None:
    assert answer_challenge("", HANDSHAKE | {"hub.verify_token": ""}) is None
