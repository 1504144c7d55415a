from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.channels.tokens import MAX_TOKEN_BYTES, TokenCodec, derive_secret

CODEC = TokenCodec(derive_secret("123:token", "harbour"))

chats = st.integers(-(2**52), 2**52).map(str)
steps = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=":"), min_size=1, max_size=10)
guids = st.uuids().map(str)
values = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    st.text(st.sampled_from("~ab-:|9"), max_size=20),
    guids,
    st.tuples(guids, st.sampled_from("|~:"), st.integers(0, 9999)).map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]}"),
)


@given(chats, steps, values)
def test_a_token_opens_to_what_was_sealed(chat: str, step: str, value: str) -> None:
    token = CODEC.seal(chat, step, value)
    assert len(token.encode()) <= MAX_TOKEN_BYTES
    assert CODEC.open(chat, token) == (step, value)


@pytest.mark.parametrize("value", ["", "~", "~~", "~" + "A" * 22, "~" * 5 + str(UUID(int=1))])
def test_a_value_that_looks_packed_opens_to_itself(value: str) -> None:
    assert CODEC.open("1", CODEC.seal("1", "s", value)) == ("s", value)


@given(chats, chats, steps, values)
def test_a_token_of_another_chat_proves_nothing(chat: str, other: str, step: str, value: str) -> None:
    assume(chat != other)
    assert CODEC.open(other, CODEC.seal(chat, step, value)) is None


@given(chats, steps, values, st.integers(0, 63), st.characters(exclude_categories=["Cs"]))
def test_a_changed_character_is_noticed(chat: str, step: str, value: str, at: int, character: str) -> None:
    token = CODEC.seal(chat, step, value)
    at %= len(token)
    assume(token[at] != character)
    assert CODEC.open(chat, token[:at] + character + token[at + 1 :]) is None


@given(chats, steps, values, st.integers(0, 63), st.text(max_size=3))
def test_a_cut_or_grown_token_is_noticed(chat: str, step: str, value: str, at: int, more: str) -> None:
    token = CODEC.seal(chat, step, value)
    changed = token[:at] + more
    assume(changed != token)
    assert CODEC.open(chat, changed) is None


@given(chats, st.text(max_size=64))
def test_foreign_data_proves_nothing(chat: str, data: str) -> None:
    assert CODEC.open(chat, data) is None


def test_half_a_character_proves_nothing() -> None:
    assert CODEC.open("1", "\ud83d" * 20) is None


@pytest.mark.parametrize(("token", "account"), [("123:other", "harbour"), ("123:token", "hill")])
def test_another_bot_or_business_opens_nothing(token: str, account: str) -> None:
    foreign = TokenCodec(derive_secret(token, account))
    assert foreign.open("1", CODEC.seal("1", "time", "17:00")) is None


def test_after_a_rotation_old_buttons_work_and_new_ones_bear_the_new_secret() -> None:
    old, new = derive_secret("123:old", "harbour"), derive_secret("123:new", "harbour")
    rotated = TokenCodec(new, previous=[old])
    assert rotated.open("1", TokenCodec(old).seal("1", "time", "17:00")) == ("time", "17:00")
    assert TokenCodec(old).open("1", rotated.seal("1", "time", "17:00")) is None
    assert TokenCodec(new).open("1", rotated.seal("1", "time", "17:00")) == ("time", "17:00")


def test_the_widest_step_leaves_room_for_a_guid_and_a_time() -> None:
    value = f"{UUID(int=2**128 - 1)}|202611211700"
    assert CODEC.open("-1002000000001", CODEC.seal("-1002000000001", "s" * 10, value)) == ("s" * 10, value)


@pytest.mark.parametrize("step", ["", "s" * 11, "a:b", "a b", "größe", "a\n"])
def test_a_step_that_is_no_identifier_is_refused_when_the_button_is_made(step: str) -> None:
    with pytest.raises(ValueError, match="step"):
        CODEC.seal("1", step, "")


@pytest.mark.parametrize(("value", "fits"), [("x" * 41, True), ("x" * 42, False), ("ж" * 20, True), ("ж" * 21, False)])
def test_the_limit_counts_bytes_and_is_checked_when_the_button_is_made(value: str, fits: bool) -> None:
    step = "s" * 10
    if fits:
        assert len(CODEC.seal("1", step, value).encode()) in (63, 64)
    else:
        with pytest.raises(ValueError, match="too long"):
            CODEC.seal("1", step, value)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        TokenCodec(b"")
