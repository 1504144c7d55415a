"""The language: the phone's until the customer chooses."""

from bot.conversation.contract import Business, Person
from flows import words
from flows.reading.folding import split_words
from tests.flows.chat import Chat, word


def test_platform_hint_is_followed() -> None:
    assert Chat(person=Person("u", "Mia", "es-MX")).command("start").startswith("¡Te damos la bienvenida a Harbour Studio!")


def test_unknown_hint_gets_the_first_language() -> None:
    chat = Chat(person=Person("u", "Mia", "pt-br"), business=Business("h", "Estudio", ("es", "en")))
    assert chat.command("start").startswith("¡Te damos la bienvenida a Estudio!")


def test_choice_outlives_the_hint() -> None:
    chat = Chat(person=Person("u", "Mia", "en"))
    chat.command("start")
    assert chat.say("en español").startswith("A partir de ahora, en español.")
    assert chat.say("2").startswith("Soho.")
    assert chat.session.is_language_chosen


def test_argument_of_the_command_chooses() -> None:
    assert Chat().command("language", "es").startswith("A partir de ahora")


def test_language_that_is_not_offered_is_asked_about() -> None:
    chat = Chat(business=Business("h", "Studio", ("en",)))
    chat.command("start")
    assert chat.say("español").startswith("Which language do you prefer?")
    assert chat.labels == ["English", "Go on", "Menu", "Talk to a person"]


def test_junk_at_the_language_asks_for_the_language_again() -> None:
    chat = Chat()
    chat.command("start")
    chat.command("language")
    chat.say("klingon")
    assert chat.labels[:2] == ["English", "Español"]
    assert chat.say("go on") == "Where would you like to come?"


def test_what_a_way_says_can_be_typed_in_every_language() -> None:
    for language in words.WORDS:
        for key, action in (("way.back", "back"), ("way.menu", "menu"), ("way.person", "person"), ("way.book", "restart")):
            found = words.find_word(word(key, language))
            assert found == words.Word(action), (language, key)


def test_no_phrase_has_two_meanings() -> None:
    meanings: dict[str, set[str]] = {}
    for actions in words.WORDS.values():
        for action, phrases in actions.items():
            for phrase in phrases:
                meanings.setdefault(phrase, set()).add(action)
    assert {phrase: actions for phrase, actions in meanings.items() if len(actions) > 1} == {}


def test_phrases_are_written_folded() -> None:
    tables = [*words.WORDS.values(), words.LANGUAGES, words.SMALL_TALK]
    for phrase in (phrase for table in tables for phrases in table.values() for phrase in phrases):
        assert " ".join(split_words(phrase)) == phrase
