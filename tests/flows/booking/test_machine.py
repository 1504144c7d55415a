"""The table of states and moves."""

import io

import pytest
from transitions import Machine, MachineError
from transitions.extensions import GraphMachine

from bot.conversation.contract import Session
from flows import MACHINES
from flows.booking.machine import MOVES, OPEN, STATES, WAITING, Mover, build_machine


def test_steps_follow_each_other_to_the_summary() -> None:
    session, mover = Session(), Mover()
    mover.move(session, "begin")
    seen = [session.state]
    while session.state != "summary":
        mover.move(session, "next")
        seen.append(session.state)
    assert seen == ["location", "service", "staff", "day", "time", "name", "phone", "email", "summary"]


@pytest.mark.parametrize("trigger", ["begin", "next", "show_menu", "confirm"])
def test_nothing_but_an_outcome_leads_on_from_a_wish_being_carried_out(trigger: str) -> None:
    with pytest.raises(MachineError):
        Mover().move(Session(state="booking"), trigger)


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("summary", "calling_off")])
def test_only_a_question_asked_in_full_words_can_be_confirmed(state: str) -> None:
    with pytest.raises(MachineError):
        Mover().move(Session(state=state), "confirm")


def test_every_state_but_the_moment_of_booking_leads_to_the_menu_and_to_a_new_start() -> None:
    moves = {trigger: sources for trigger, sources, _ in MOVES if trigger in ("begin", "show_menu")}
    assert set(moves["begin"]) == set(moves["show_menu"]) == {*OPEN, *WAITING} - {"booking"}


def test_every_state_can_be_reached() -> None:
    assert {"start", *(to for _, _, to in MOVES)} == set(STATES)


def test_machine_has_no_model_of_its_own() -> None:
    machine = build_machine()
    assert isinstance(machine, Machine)
    assert machine.models == []


def test_machine_can_be_drawn() -> None:
    class Drawn:
        state = "start"

    drawn, written = Drawn(), io.BytesIO()
    machine = MACHINES["booking"](machine_class=GraphMachine, model=drawn, graph_engine="mermaid", title="title: Booking")
    machine.get_combined_graph().draw(written)
    assert "summary --> booking: confirm" in written.getvalue().decode()
