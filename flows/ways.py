"""The buttons every prompt has: a way back, a way out and a way to a person."""

from bot.conversation.contract import Choice, Text


def to_step(step: str) -> Choice:
    """Back to an earlier step, whose answer is then chosen again."""
    return Choice(Text("way.back"), "edit", step)


def to_menu() -> Choice:
    return Choice(Text("way.menu"), "menu")


def to_person() -> Choice:
    return Choice(Text("way.person"), "person")


def onward() -> Choice:
    """Back into the conversation from something beside it."""
    return Choice(Text("way.onward"), "again")


def to_booking() -> Choice:
    return Choice(Text("way.book"), "restart")


def to_appointments() -> Choice:
    return Choice(Text("way.mine"), "mine")


def out() -> tuple[Choice, ...]:
    """The ways of a prompt that has nothing to go back to."""
    return (to_menu(), to_person())
