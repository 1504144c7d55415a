"""Text works wherever buttons do."""

import pytest

from bot.conversation.contract import Person
from tests.flows.chat import Chat
from tests.flows.salon import HARBOUR, SOHO, SWEDISH

NOBODY = Person("u2", "", "en")


def at_service() -> Chat:
    chat = Chat()
    chat.command("start")
    chat.tap("Harbour")
    return chat


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("2", "Swedish Massage at Harbour"),
        ("2.", "Swedish Massage at Harbour"),
        ("#2", "Swedish Massage at Harbour"),
        ("swedish", "Swedish Massage at Harbour"),
        ("SWEDISH massage", "Swedish Massage at Harbour"),
        ("the hot stone massage please", "Hot Stone Massage at Harbour"),
        ("lash", "Lash Lift at Harbour"),
        ("Swedish Massage · 60 min · €55", "Swedish Massage at Harbour"),
    ],
)
def test_number_name_or_part_of_a_name_picks(typed: str, answer: str) -> None:
    assert at_service().say(typed).startswith(answer)


def test_accents_do_not_matter() -> None:
    chat = at_service()
    chat.say("haircut")
    assert chat.say("joao sa").startswith("Haircut with João Sá at Harbour.")


def test_several_matches_are_offered() -> None:
    chat = at_service()
    assert chat.say("massage") == "That fits more than one. Which do you mean?\n\nHarbour. What would you like?"
    assert chat.labels[:3] == [
        "Swedish Massage · 60 min · €55",
        "Deep Tissue Massage · 60 min · €65",
        "Hot Stone Massage · 1 hr 30 min · €80",
    ]
    assert chat.say("3").startswith("Hot Stone Massage at Harbour")


def test_number_means_the_row_on_the_page_that_is_shown() -> None:
    chat = at_service()
    chat.tap("More")
    assert chat.say("1").startswith("Colour and Blow-dry at Harbour")


@pytest.mark.parametrize("typed", ["anyone", "cualquiera", "no preference", "me da igual", "1"])
def test_anyone_can_be_typed(typed: str) -> None:
    chat = at_service()
    chat.say("haircut")
    assert chat.say(typed).startswith("Haircut with whoever is free at Harbour.")


def test_whole_sentence_fills_all_it_can_and_asks_for_the_rest() -> None:
    chat = Chat()
    assert chat.say("swedish massage at harbour tomorrow 5pm with anna").startswith(
        "Welcome to Harbour Studio! I can book your appointment right here, in under a minute.\n\n"
        "Swedish Massage with Anna at Harbour, tomorrow, Saturday 21 November, 17:00."
    )
    assert chat.state == "phone"


def test_sentence_is_remembered_while_something_comes_first() -> None:
    chat = Chat()
    chat.command("start")
    assert (
        chat.say("haircut tomorrow after 5 with anna") == "I have noted that. Just this first:\n\nWhere would you like to come?"
    )
    assert chat.tap("Harbour").endswith("Haircut with Anna at Harbour, tomorrow, Saturday 21 November. From 17:00 on:")


def test_tomorrow_in_a_remembered_sentence_is_the_day_after_it_was_said() -> None:
    chat = Chat()
    chat.say("haircut tomorrow at 15:00 with anna")
    chat.wait(hours=13)
    chat.tap("Harbour")
    assert chat.session.picks["day"] == "2026-11-21"


def test_sentence_in_spanish() -> None:
    chat = Chat(person=Person("u3", "Mia Chen", "es-ES"))
    chat.say("hola")
    chat.say("harbour")
    assert "Haircut con Anna en Harbour, mañana, sábado, 21 de noviembre, 17:00." in chat.say("haircut mañana a las 17 con anna")


def test_sentence_corrects_the_summary() -> None:
    chat = Chat()
    chat.to_summary()
    assert chat.say("18:00").startswith("Tomorrow, Saturday 21 November, 18:00 with Anna at Harbour (Lisbon time).")
    assert chat.say("rather with marco").startswith("Tomorrow, Saturday 21 November, 18:00 with Marco at Harbour (Lisbon time).")
    assert chat.say("haircut").split("\n\n")[1] == "Haircut, 45 min, €35."
    assert "Tuesday 24 November. What time?" in chat.say("24/11")


def test_sentence_changes_what_was_picked_before() -> None:
    chat = at_service()
    chat.tap("Haircut")
    assert chat.say("actually a manicure tomorrow at 17:00 with marco").startswith(
        "Manicure with Marco at Harbour, tomorrow, Saturday 21 November, 17:00."
    )


def test_sentence_in_the_menu_goes_on_with_what_it_does_not_name() -> None:
    chat = at_service()
    chat.tap("Haircut")
    chat.say("menu")
    assert chat.say("manicure please, tomorrow").startswith("Manicure at Harbour, 40 min, €25. With whom?")


def test_rows_of_the_summary_can_be_typed() -> None:
    chat = Chat()
    chat.to_summary()
    chat.say("change service")
    assert chat.state == "service"
    chat.say(SWEDISH.name)
    assert chat.say("1") == "One moment, I am asking the salon …"


@pytest.mark.parametrize("is_greeted", [False, True])
def test_single_word_at_the_first_step_is_what_they_want(is_greeted: bool) -> None:
    chat = Chat()
    if is_greeted:
        chat.command("start")
    assert "Where would you like to come?" in chat.say("haircut")
    assert chat.tap("Harbour").startswith("Haircut at Harbour, 45 min, €35. With whom?")


@pytest.mark.parametrize("word", ["why?", "5", "🔥", "no"])
def test_single_word_that_names_nothing_is_not_noted(word: str) -> None:
    chat = Chat()
    chat.command("start")
    chat.say(word)
    assert "heard" not in chat.session.picks


def test_story_is_not_a_wish() -> None:
    chat = at_service()
    assert chat.say("my cat ran away and I do not know what I want, " * 5).startswith("I did not understand that.")
    assert "heard" not in chat.session.picks


def test_small_talk_is_no_answer() -> None:
    chat = Chat(person=NOBODY)
    chat.command("start")
    chat.salon.locations = (HARBOUR, SOHO)
    for typed in ("no", "same", "yes", "si", "y", "n"):
        assert chat.say(typed).startswith("I did not understand that."), typed
    assert chat.state == "location"


def test_thanks_are_answered() -> None:
    assert at_service().say("gracias").startswith("You are welcome!\n\nHarbour. What would you like?")


def test_hello_in_the_middle_says_where_we_were() -> None:
    assert at_service().say("hello").startswith("You were choosing a service at Harbour.")
