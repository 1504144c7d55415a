"""The states of a conversation that books, and every move between them."""

from typing import Any

from transitions import Machine

from bot.conversation.contract import Session

# The steps in the order they are asked. These are also the names of the picks and of the buttons: they stand in saved
# sessions and in old messages, so they never change their meaning.
STEPS = ("location", "service", "staff", "day", "time", "name", "phone", "email")

# The customer's own appointments: all, one of them, and the question before it is cancelled.
OWN = ("appointments", "appointment", "calling_off")

# Nothing is being carried out: the customer may go anywhere.
OPEN = ("start", "menu", *STEPS, "summary", "taken", "booked", *OWN)

# A confirmed wish is being carried out (only its outcome leads on) or looked up (one may also go on to something else).
WAITING = ("booking", "checking")

STATES = (*OPEN, *WAITING)

# trigger, from, to
MOVES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("begin", (*OPEN, "checking"), STEPS[0]),
    *(("next", (step,), then) for step, then in zip(STEPS, (*STEPS[1:], "summary"), strict=True)),
    ("lose", ("time", "summary", *WAITING), "taken"),
    ("show_menu", (*OPEN, "checking"), "menu"),
    ("look", (*OPEN, "checking"), "appointments"),
    ("show", ("appointments",), "appointment"),
    ("call_off", ("appointments", "calling_off"), "calling_off"),
    ("confirm", ("summary", "calling_off"), "booking"),
    ("wait", STATES, "checking"),
    ("finish", WAITING, "booked"),
    ("refuse", WAITING, "summary"),
    ("give_up", WAITING, "menu"),
)


def build_machine(machine_class: type[Machine] = Machine, **options: Any) -> Machine:
    """The shared machine; a graph machine of `transitions.extensions` draws it when given a `model` of its own."""
    options.setdefault("model", None)
    return machine_class(
        states=list(STATES),
        transitions=[{"trigger": trigger, "source": list(sources), "dest": dest} for trigger, sources, dest in MOVES],
        initial="start",
        auto_transitions=False,
        **options,
    )


class Mover:
    """Moves sessions through the one machine that all conversations share."""

    def __init__(self) -> None:
        self._machine = build_machine()

    def move(self, session: Session, trigger: str) -> None:
        """Raises `transitions.MachineError` for a move the table does not have: nothing else may change a state."""
        self._machine.events[trigger].trigger(session)

    def knows(self, state: str) -> bool:
        """False for a state of another version of the bot."""
        return state in self._machine.states
