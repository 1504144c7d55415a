"""The language of the conversation: the platform's hint until the customer chooses."""

from bot.conversation.contract import Choice, Reply, Text, Turn
from flows import ways
from flows.draft import Draft

# Each language by its own name.
NAMES = {"en": "language.en", "es": "language.es"}


def follow_hint(turn: Turn) -> None:
    """Speak what the customer's phone speaks, where the business offers it and nothing was chosen."""
    session, offered = turn.session, turn.business.languages
    hint = turn.event.person.language[:2].lower()
    if not session.is_language_chosen and hint in offered:
        session.language = hint
    elif session.language not in offered:
        session.language = offered[0]


def choose_language(draft: Draft, language: str) -> bool:
    """Speak this from now on. False where the business does not offer it."""
    if language not in draft.turn.business.languages:
        return False
    draft.session.language = language
    draft.session.is_language_chosen = True
    draft.note("language.chosen")
    return True


def ask_language(draft: Draft) -> Reply:
    """Beside the conversation, which stays where it is."""
    offered = [language for language in draft.turn.business.languages if language in NAMES]
    choices = tuple(Choice(Text(NAMES[language]), "language", language) for language in offered)
    return Reply(Text("language.ask"), choices=(*choices, ways.onward()), ways=ways.out(), replaces=True)
