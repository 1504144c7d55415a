"""What holds in every state: the words above all, junk, a person, old and foreign buttons, silence for nobody."""

from collections.abc import Callable

import pytest

from bot.conversation.contract import Left, Person, SentOther, Tapped, Told
from tests.flows.chat import Chat

NOBODY = Person("u2", "", "en")


def at_start(chat: Chat) -> None:
    pass


def at_menu(chat: Chat) -> None:
    chat.command("menu")


def at_location(chat: Chat) -> None:
    chat.command("start")


def at_service(chat: Chat) -> None:
    at_location(chat)
    chat.tap("Harbour")


def at_staff(chat: Chat) -> None:
    at_service(chat)
    chat.tap("Swedish")


def at_day(chat: Chat) -> None:
    at_staff(chat)
    chat.tap("Anna")


def at_time(chat: Chat) -> None:
    at_day(chat)
    chat.tap("Tomorrow")


def at_name(chat: Chat) -> None:
    chat.person = NOBODY
    at_time(chat)
    chat.tap("17:00")


def at_phone(chat: Chat) -> None:
    at_name(chat)
    chat.say("Mia Chen")


def at_summary(chat: Chat) -> None:
    at_phone(chat)
    chat.share()


def at_booking(chat: Chat) -> None:
    at_summary(chat)
    chat.tap("Book")


def at_checking(chat: Chat) -> None:
    at_booking(chat)
    chat.lose_sight()


def at_taken(chat: Chat) -> None:
    at_booking(chat)
    chat.refuse("taken")


def at_booked(chat: Chat) -> None:
    at_booking(chat)
    chat.succeed()


Arrive = Callable[[Chat], None]

WAITING: list[Arrive] = [at_booking, at_checking]
OPEN: list[Arrive] = [
    *(at_menu, at_location, at_service, at_staff, at_day, at_time, at_name, at_phone, at_summary, at_taken, at_booked),
]
EVERYWHERE = OPEN + WAITING

everywhere = pytest.mark.parametrize("arrive", EVERYWHERE)
wherever_open = pytest.mark.parametrize("arrive", OPEN)
while_waiting = pytest.mark.parametrize("arrive", WAITING)


def arrived(arrive: Arrive) -> Chat:
    chat = Chat()
    arrive(chat)
    return chat


@everywhere
def test_junk_gets_a_short_line_and_the_current_choices(arrive: Arrive) -> None:
    """S10."""
    for junk in ("🔥", "?", "same", "...", "qw3rtz"):
        chat = arrived(arrive)
        state, picks = chat.state, dict(chat.session.picks)
        answer = chat.say(junk)
        assert answer.startswith("I did not understand that."), junk
        assert chat.state == state
        assert chat.session.picks == picks
        assert chat.labels


@everywhere
@pytest.mark.parametrize("what", ["voice", "sticker", "photo"])
def test_what_cannot_be_read_is_said(arrive: Arrive, what: str) -> None:
    """S10."""
    chat = arrived(arrive)
    state = chat.state
    assert chat.send(SentOther(what)).startswith("I can only read text and buttons")
    assert chat.state == state


@everywhere
def test_second_misunderstanding_puts_a_person_first(arrive: Arrive) -> None:
    chat = arrived(arrive)
    chat.say("qw3rtz")
    assert chat.labels[0] != "Talk to a person"
    chat.say("🔥")
    assert chat.labels[0] == "Talk to a person"
    assert chat.labels.count("Talk to a person") == 1
    chat.say("help")
    assert chat.session.misunderstood == 0


@everywhere
@pytest.mark.parametrize(
    "word", ["human", "persona", "Talk to a person", "quiero hablar con una persona", "can I talk to a human?"]
)
def test_person_is_told_at_every_step(arrive: Arrive, word: str) -> None:
    """S12."""
    chat = arrived(arrive)
    state, before = chat.state, len(chat.staff_lines)
    assert chat.say(word).startswith("I have told the team of Harbour Studio")
    assert len(chat.staff_lines) == before + 1
    assert "would like to talk to a person" in chat.staff_lines[-1]
    assert chat.state == state
    chat.tap("Go on")
    assert chat.state == state


@everywhere
@pytest.mark.parametrize("word", ["language", "idioma"])
def test_language_is_asked_and_changed_at_every_step(arrive: Arrive, word: str) -> None:
    chat = arrived(arrive)
    state = chat.state
    chat.say(word)
    assert chat.labels[:2] == ["English", "Español"]
    assert chat.say("2").startswith("A partir de ahora, en español.")
    assert chat.state == state


@everywhere
def test_help_is_given_at_every_step(arrive: Arrive) -> None:
    chat = arrived(arrive)
    state = chat.state
    assert chat.command("help")
    assert chat.say("ayuda")
    assert chat.state == state


@wherever_open
@pytest.mark.parametrize("word", ["menu", "menú", "MENU!", "inicio"])
def test_menu_is_reached_from_every_step(arrive: Arrive, word: str) -> None:
    assert arrived(arrive).say(word) == "Harbour Studio: what would you like to do?"


@wherever_open
@pytest.mark.parametrize("word", ["cancel", "cancelar", "déjalo"])
def test_cancel_leaves_the_booking_and_says_that_nothing_was_booked(arrive: Arrive, word: str) -> None:
    chat = arrived(arrive)
    started = arrive not in (at_menu, at_location, at_booked)
    said = "All right, I have left it there. Nothing has been booked." if started else "There is nothing to cancel here"
    assert chat.say(word).startswith(said)
    assert chat.state == "menu"


@wherever_open
@pytest.mark.parametrize("word", ["stop", "STOP", "baja", "unsubscribe"])
def test_stop_is_acknowledged(arrive: Arrive, word: str) -> None:
    assert arrived(arrive).say(word).startswith("Understood. I only write to answer you")


@wherever_open
@pytest.mark.parametrize("word", ["restart", "empezar de nuevo", "start over"])
def test_restart_begins_at_the_first_step(arrive: Arrive, word: str) -> None:
    chat = arrived(arrive)
    assert chat.say(word) == "Where would you like to come?"


@wherever_open
def test_back_is_understood_at_every_step(arrive: Arrive) -> None:
    for word in ("back", "atrás"):
        chat = arrived(arrive)
        assert not chat.say(word).startswith("I did not understand")


@while_waiting
@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("cancel", "The salon has your wish already, so I cannot stop it any more."),
        ("stop", "Understood. The salon has your wish already"),
        ("help", "You have confirmed an appointment"),
    ],
)
def test_words_are_answered_honestly_while_a_wish_is_being_carried_out(arrive: Arrive, word: str, answer: str) -> None:
    chat = arrived(arrive)
    state = chat.state
    assert chat.say(word).startswith(answer)
    assert chat.state == state
    assert chat.session.pending


@while_waiting
def test_no_old_button_books_anything_while_a_wish_is_open(arrive: Arrive) -> None:
    chat = arrived(arrive)
    for button in list(chat.buttons):
        chat.press(button)
    assert len(chat.requests) == 1
    assert chat.session.pending == chat.requests[0].request


def test_in_the_moment_of_booking_nothing_leads_away() -> None:
    chat = arrived(at_booking)
    assert chat.say("restart").startswith("First this one, then the next.")
    for button in list(chat.buttons):
        chat.press(button)
        assert chat.state == "booking"


@everywhere
@pytest.mark.parametrize("button", [Tapped(""), Tapped("unknown", "x"), Tapped("edit", "nothing")])
def test_button_that_means_nothing_any_more_says_so(arrive: Arrive, button: Tapped) -> None:
    chat = arrived(arrive)
    state = chat.state
    answer = chat.send(button)
    assert answer.startswith("That button is no longer active.") or arrive in WAITING
    assert chat.state == state


@everywhere
def test_every_old_button_is_answered(arrive: Arrive) -> None:
    chat = arrived(arrive)
    for button in list(chat.buttons):
        assert chat.press(button)


@everywhere
def test_retry_shows_the_current_prompt(arrive: Arrive) -> None:
    chat = arrived(arrive)
    state = chat.state
    assert chat.send(Tapped("again"))
    assert chat.state == state


def test_first_line_ever_is_a_welcome() -> None:
    for first in ("hi", "🔥", "?", "I would like an appointment"):
        assert Chat().say(first).startswith("Welcome to Harbour Studio!"), first
    assert Chat().send(SentOther("voice")).startswith("Welcome to Harbour Studio!")
    assert Chat().send(Tapped("again")).startswith("Welcome to Harbour Studio!")


def test_unknown_command_is_not_understood() -> None:
    chat = Chat()
    chat.command("start")
    assert chat.command("nonsense").startswith("I did not understand that.")


def test_line_for_staff_is_handed_on_as_it_is() -> None:
    chat = Chat()
    assert chat.send(Told("Booked: {everything} as it is")) == "Booked: {everything} as it is"
    assert chat.state == "start"


def test_customer_who_left_gets_no_answer() -> None:
    chat = Chat()
    chat.command("start")
    assert chat.send(Left()) == ""
    assert chat.state == "location"


def test_known_customer_is_welcomed_back() -> None:
    chat = arrived(at_booked)
    assert chat.command("start").startswith("Good to see you again, Mia Chen!")
