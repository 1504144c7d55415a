from typing import Any

import pytest

from bot.sandbox.telegram.flood import Flood
from bot.sandbox.telegram.switches import Switches

BOT, MIA, GROUP, START = 1001, 5, -5, 1_000_000.0


def open_flood(**switches: Any) -> Flood:
    return Flood(Switches(**switches))


def admit_many(flood: Flood, count: int, chat: int, now: float = START) -> list[int]:
    return [flood.admit(BOT, chat, now) for _ in range(count)]


def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    flood = open_flood()
    assert admit_many(flood, 4, MIA) == [0, 0, 0, 0]
    assert flood.admit(BOT, MIA, START + 1.0) == 0
    assert flood.admit(BOT, MIA, START + 1.99) == 1
    assert flood.admit(BOT, MIA, START + 2.98) == 1
    assert flood.admit(BOT, MIA, START + 2.99) == 0


def test_a_sender_on_the_limit_is_never_refused() -> None:
    flood = open_flood(private_burst=1)
    assert [flood.admit(BOT, MIA, START + second) for second in range(50)] == [0] * 50


def test_a_group_takes_twenty_and_then_one_in_three_seconds() -> None:
    flood = open_flood()
    assert admit_many(flood, 20, GROUP) == [0] * 20
    assert flood.admit(BOT, GROUP, START + 3) == 0
    assert flood.admit(BOT, GROUP, START + 3.5) == 3


def test_a_bot_takes_thirty_a_second_over_all_chats() -> None:
    flood = open_flood()
    assert [flood.admit(BOT, chat, START) for chat in range(1, 31)] == [0] * 30
    assert flood.admit(BOT, 31, START) == 1
    assert flood.admit(1002, 31, START) == 0
    assert flood.admit(BOT, 31, START + 1) == 0


def test_one_chat_in_trouble_leaves_the_others_alone() -> None:
    flood = open_flood()
    assert admit_many(flood, 5, MIA)[-1] == 1
    assert flood.admit(BOT, MIA + 1, START) == 0


def test_a_refused_send_costs_nothing_unless_strict() -> None:
    flood = open_flood()
    admit_many(flood, 10, MIA)
    assert flood.admit(BOT, MIA, START + 1) == 0


def test_strict_penalties_grow_with_every_try() -> None:
    flood = open_flood(strict_flood=True)
    assert admit_many(flood, 8, MIA)[4:] == [1, 2, 3, 4]
    assert flood.admit(BOT, MIA, START + 3.5) > 0
    assert flood.admit(BOT, MIA, START + 10) == 0


@pytest.mark.parametrize("chat", [MIA, GROUP])
def test_nothing_is_refused_with_flood_control_off(chat: int) -> None:
    assert not any(admit_many(open_flood(flood=False), 200, chat))
