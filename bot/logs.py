"""Where log lines go, and what may not stand in them."""

import logging
import re

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

QUIET = ("httpx", "httpcore", "transitions", "aiohttp.access", "telegram", "asyncio")
"""Libraries that log every request, some with its address: only their warnings are wanted."""

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

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name in logging
        return redact(super().formatException(ei))  # type: ignore[arg-type]


def set_up_logging(level: str) -> None:
    """One line for each event on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(LINE))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
