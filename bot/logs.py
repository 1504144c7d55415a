"""Where log lines go, and what may not stand in them."""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

from redis.exceptions import RedisError

from bot.errors import FrontdeskError, SettingsError

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

QUIET = ("httpx", "httpcore", "transitions", "aiohttp.access", "telegram", "asyncio")
"""Libraries that log every request, some with its address: only their warnings are wanted."""

TELLING = (FrontdeskError, SettingsError, RedisError, AttributeError, TypeError, NameError, ImportError, RuntimeError, OSError)
"""Errors whose words are ours or speak of code and machines. A ValueError or KeyError names the value: perhaps a name."""
LEFT_OUT = "(left out: may quote a customer)"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_SECRETS = (
    # A bot token, also inside an address of the Bot API.
    (re.compile(r"\b(bot)?\d+:[A-Za-z0-9_-]{20,}"), "<token>"),
    (re.compile(r"/bot\d+:[^/\s]*"), "/bot<token>"),
    (re.compile(r"(?i)\b(apikey|bearer)\s+[^\s,;\"']+"), r"\1 <key>"),
    (re.compile(r"(?i)\b(\w*(?:key|token|secret|password))=[^&\s\"']+"), r"\1=<secret>"),
    (re.compile(r"(?<=://)[^/\s@]+@"), "<login>@"),
    # Phone numbers: anything after a plus, and bare digits as long as one. Ids of Telegram chats stay readable.
    (re.compile(r"\+\d[\d ().-]{5,}\d"), "<phone>"),
    (re.compile(r"(?<![\w-])(?<!telegram:)\d{10,15}(?!\w)"), "<number>"),
)


def redact(text: str) -> str:
    """The text without tokens, keys and phone numbers."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """The last net: our own code does not log such things, but an exception's text may carry them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name in logging
        record.message = redact(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name in logging
        return redact("\n".join(_describe(ei[1]))) if ei[1] is not None else ""


def _describe(error: BaseException) -> Iterator[str]:
    """A traceback with every error's kind, and its words only where they are known to quote nobody."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _describe(earlier)
        yield "which led to:" if error.__cause__ else "while handling it:"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__qualname__}: {error if isinstance(error, TELLING) else LEFT_OUT}"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _describe(part)


def set_up_logging(level: str) -> None:
    """One line for each event on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(LINE))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
