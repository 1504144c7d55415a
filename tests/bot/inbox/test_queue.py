"""Businesses take turns, and none fills the house."""

from bot.inbox.queue import Queue


def fill(queue: Queue, business: str, count: int) -> None:
    for number in range(count):
        queue.put(f"{business}:telegram:{number}")


def take_all(queue: Queue) -> list[str]:
    taken = []
    while (one := queue.take()) is not None:
        taken.append(one)
    return taken


def test_businesses_take_turns_whoever_came_first() -> None:
    queue = Queue(6)
    fill(queue, "busy", 100)
    fill(queue, "quiet", 2)
    assert take_all(queue) == [
        "busy:telegram:0",
        "quiet:telegram:0",
        "busy:telegram:1",
        "quiet:telegram:1",
        "busy:telegram:2",
    ]


def test_one_business_leaves_half_of_the_places_to_others() -> None:
    queue = Queue(10)
    fill(queue, "slow", 1000)
    assert len(take_all(queue)) == 5
    fill(queue, "other", 1)
    assert take_all(queue) == ["other:telegram:0"]


def test_a_finished_turn_makes_room_for_the_next_in_line() -> None:
    queue = Queue(2)
    fill(queue, "one", 3)
    assert take_all(queue) == ["one:telegram:0"]
    queue.finish("one:telegram:0")
    assert take_all(queue) == ["one:telegram:1"]
    queue.finish("one:telegram:1")
    assert take_all(queue) == ["one:telegram:2"]
    assert len(queue) == 0


def test_all_places_together_are_bounded() -> None:
    queue = Queue(4)
    for business in ("a", "b", "c", "d", "e", "f"):
        fill(queue, business, 5)
    assert len(take_all(queue)) == 4


def test_who_waits_already_waits_once() -> None:
    queue = Queue(2)
    for _ in range(3):
        queue.put("one:telegram:1")
        queue.put("one:telegram:2")
    assert len(queue) == 2
    assert take_all(queue) == ["one:telegram:1"]
