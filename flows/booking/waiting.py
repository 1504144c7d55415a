"""While a confirmed wish is being carried out or looked up: short, honest answers, and nothing is started twice."""

from bot.conversation.contract import Choice, Reply, Text
from flows import ways
from flows.booking.machine import WAITING
from flows.draft import Draft

# What is said to a word that cannot do its usual work just now.
ANSWERS = {"cancel": "waiting.cancel", "stop": "waiting.stop", "help": "waiting.help", "restart": "waiting.restart"}


def is_waiting(draft: Draft) -> bool:
    return draft.session.state in WAITING


def ask_waiting(draft: Draft, action: str = "") -> Reply:
    """Where the wish stands, after what there is to say to `action`."""
    if action in ANSWERS:
        draft.note(ANSWERS[action])
    key = "waiting.checking" if draft.session.state == "checking" else "booking.one_moment"
    return Reply(Text(key), choices=(Choice(Text("waiting.ask"), "again"),), ways=ways.out())
