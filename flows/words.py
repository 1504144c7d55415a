"""The words understood in every state and every language, above any other meaning."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.reading.folding import fold, split_words

# What each word makes the conversation do, by language. All languages are understood all the time: people mix them.
# Written folded: lower case, without accents and punctuation (see flows.reading.folding).
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "menu": ("menu", "main menu", "home"),
        "back": ("back", "go back", "previous"),
        "restart": ("restart", "start", "start over", "start again", "begin again", "book an appointment", "new booking"),
        "cancel": ("cancel", "cancel it", "cancel that", "never mind", "nevermind", "forget it", "quit", "exit"),
        "stop": ("stop", "stop it", "unsubscribe", "stop messages"),
        "person": (
            *("human", "person", "a human", "a person", "real person", "agent", "operator", "receptionist"),
            *("talk to a person", "talk to a human", "talk to someone", "speak to a person", "speak to someone", "call me"),
        ),
        "language": ("language", "languages", "change language"),
        "mine": (
            *("my appointments", "my appointment", "appointments", "my bookings", "my booking", "show my appointments"),
            *("when is my appointment", "my visits"),
        ),
        "move": (
            *("move my appointment", "move appointment", "reschedule", "reschedule my appointment", "change my appointment"),
            *("move my booking", "change my booking", "postpone my appointment"),
        ),
        "call_off": ("cancel my appointment", "cancel appointment", "cancel my booking", "cancel the appointment"),
        "help": ("help", "help me", "how does this work"),
    },
    "es": {
        "menu": ("menu", "el menu", "menu principal", "inicio"),
        "back": ("atras", "volver", "regresar", "anterior", "volver atras"),
        "restart": (
            "reiniciar",
            "empezar",
            "empezar de nuevo",
            "volver a empezar",
            "otra vez desde el principio",
            "nueva cita",
            "reservar una cita",
        ),
        "cancel": ("cancelar", "cancela", "cancelalo", "anular", "dejalo", "olvidalo", "salir"),
        "stop": ("parar", "para", "basta", "alto", "baja", "darse de baja", "no mas mensajes"),
        "person": (
            *("humano", "persona", "una persona", "un humano", "agente", "operador", "recepcion", "recepcionista"),
            *("hablar con una persona", "hablar con un humano", "hablar con alguien", "quiero hablar con una persona"),
        ),
        "mine": ("mis citas", "mi cita", "citas", "mis reservas", "mi reserva", "ver mis citas", "cuando es mi cita"),
        "move": (
            *("mover mi cita", "cambiar mi cita", "cambiar la cita", "cambiar cita", "mover la cita", "reprogramar"),
            *("reprogramar mi cita", "aplazar mi cita", "cambiar mi reserva"),
        ),
        "call_off": ("cancelar mi cita", "anular mi cita", "cancelar la cita", "anular la cita", "cancelar mi reserva"),
        "language": ("idioma", "idiomas", "lengua", "cambiar idioma", "cambiar de idioma"),
        "help": ("ayuda", "ayudame", "como funciona", "como funciona esto"),
    },
}

# A language called by its name, in any language.
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "en": ("english", "in english", "ingles", "en ingles"),
    "es": ("espanol", "en espanol", "castellano", "spanish", "in spanish"),
}

# Slash commands, as the platform's command menu lists them.
COMMANDS: Mapping[str, str] = {
    "start": "restart",
    "book": "restart",
    "restart": "restart",
    "menu": "menu",
    "appointments": "mine",
    "back": "back",
    "language": "language",
    "help": "help",
    "human": "person",
    "person": "person",
    "cancel": "cancel",
    "stop": "stop",
}

# Small talk: understood only where the step itself finds no answer in it, and never an answer to anything else.
SMALL_TALK: Mapping[str, tuple[str, ...]] = {
    "hello": (
        *("hi", "hello", "hey", "hi there", "good morning", "good afternoon", "good evening"),
        *("hola", "buenas", "buenos dias", "buenas tardes", "buenas noches"),
    ),
    "thanks": ("thanks", "thank you", "thank you very much", "thx", "great thanks", "gracias", "muchas gracias", "mil gracias"),
    "yes": (
        *("yes", "y", "yes please", "yep", "yeah", "ok", "okay", "sure", "book", "book it", "confirm", "correct"),
        *("si", "si por favor", "vale", "claro", "reservar", "reserva", "confirmar", "confirmo", "correcto"),
    ),
    "no": ("no", "n", "nope", "no thanks", "no thank you", "not yet", "no gracias", "todavia no"),
    "same": ("same", "the same", "same again", "lo mismo", "igual", "el mismo", "la misma"),
}

# One of these anywhere in a short sentence asks for a person: "can I talk to a human?".
HUMANS = frozenset({"human", "receptionist", "operator", "humano", "recepcionista", "operador"})

# Longer sentences say "human" by the way.
LONGEST_REQUEST = 9


@dataclass(frozen=True, slots=True)
class Word:
    """A word above all others and what it is about."""

    action: str
    value: str = ""


_ACTIONS = {phrase: action for words in WORDS.values() for action, phrases in words.items() for phrase in phrases}
_LANGUAGES = {phrase: language for language, phrases in LANGUAGES.items() for phrase in phrases}
_TALK = {phrase: meaning for meaning, phrases in SMALL_TALK.items() for phrase in phrases}


def find_word(text: str) -> Word | None:
    """The word the whole line consists of, or a plain request for a person."""
    words = split_words(text)
    line = " ".join(words)
    if line in _ACTIONS:
        return Word(_ACTIONS[line])
    if line in _LANGUAGES:
        return Word("language", _LANGUAGES[line])
    if len(words) <= LONGEST_REQUEST and HUMANS.intersection(words):
        return Word("person")
    return None


def find_small_talk(text: str) -> str:
    """`hello`, `thanks`, `yes`, `no`, `same`, or empty."""
    return _TALK.get(" ".join(split_words(text)), "")


def is_taken_word(text: str) -> bool:
    """Whether the line means something to the conversation itself and so cannot be somebody's name."""
    return find_word(text) is not None or bool(find_small_talk(text)) or fold(text).startswith("/")
