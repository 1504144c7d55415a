from datetime import timedelta

import pytest

from bot.errors import TryAgain
from bot.vendors.breaker import CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def call(breaker: CircuitBreaker, *, is_failure: bool | None) -> None:
    breaker.enter()
    breaker.leave(is_failure=is_failure)


def open_breaker(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock, failures=3, pause=timedelta(seconds=10))
    for _ in range(3):
        call(breaker, is_failure=True)
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = CircuitBreaker(Clock(), failures=3, pause=timedelta(seconds=10))
    for is_failure in (True, True, False, True, None, True):
        call(breaker, is_failure=is_failure)
    assert not breaker.is_open
    call(breaker, is_failure=True)
    assert breaker.is_open


def test_an_open_circuit_says_when_to_come_back() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 4
    with pytest.raises(TryAgain) as caught:
        breaker.enter()
    assert caught.value.after == timedelta(seconds=6)


def test_after_the_pause_one_call_tries_for_all() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 10
    breaker.enter()
    with pytest.raises(TryAgain):
        breaker.enter()
    breaker.leave(is_failure=False)
    call(breaker, is_failure=False)
    assert not breaker.is_open


def test_a_failed_trial_opens_it_again() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 10
    call(breaker, is_failure=True)
    with pytest.raises(TryAgain):
        breaker.enter()


def test_a_cancelled_trial_leaves_room_for_the_next() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 10
    call(breaker, is_failure=None)
    call(breaker, is_failure=False)
    assert not breaker.is_open
