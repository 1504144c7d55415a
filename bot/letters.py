"""`frontdesk dead`: what the bot gave up on, for the operator to look at, put back or drop."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from prometheus_client import CollectorRegistry
from redis.exceptions import RedisError

from bot.app import build_offices, read_clock
from bot.channels.base import Arrival, Odd, Stray
from bot.conversation.codec import encode_event
from bot.errors import SettingsError, TryAgain
from bot.inbox.dead import DeadLetters, Letter, split_id
from bot.inbox.keys import Conversation
from bot.inbox.mailbox import Mailbox
from bot.inbox.script import Scripts
from bot.redisclient import SharingRedis, connect
from bot.redisserver import RedisServer, find_running
from bot.settings import Settings

DONE, FAILED = 0, 1

PLAIN = frozenset({"kind", "step", "value", "what", "status", "reason", "reference", "style", "is_own", "language", "state"})
"""Keys whose values say what happened and not to whom; all other texts are shown only with --reveal."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Undertaker:
    """Carries the operator's wishes out; each method returns the exit code."""

    settings: Settings
    redis: SharingRedis
    scripts: Scripts
    say: Say

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.redis, self.scripts)

    async def list_all(self, *, most: int) -> int:
        """Who and what was said is not in it."""
        rows = [("ID", "WHEN", "BUSINESS", "CHANNEL", "KIND", "REASON")]
        for letter in await self.letters.list_newest(most):
            place = (letter.conversation.business, letter.conversation.channel)
            rows.append((letter.id, _word_time(letter), *place, letter.kind, letter.reason))
        total = await self.letters.count()
        if not total:
            self.say("no dead letters")
            return DONE
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            self.say("  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip())
        if total > len(rows) - 1:
            self.say(f"{total - len(rows) + 1} older ones are not shown; --most shows more")
        return DONE

    async def show(self, letter_id: str, *, reveal: bool) -> int:
        letter = await self._find(letter_id)
        if letter is None:
            return FAILED
        facts = {
            "id": letter.id,
            "when": _word_time(letter),
            "business": letter.conversation.business,
            "channel": letter.conversation.channel,
            "chat": letter.conversation.chat if reveal else _hide(letter.conversation.chat),
            "kind": letter.kind,
            "reason": letter.reason,
            "error": letter.error,
        }
        for name, fact in facts.items():
            self.say(f"{name:9} {_clean(fact)}")
        for line in _word_body(letter, reveal=reveal):
            self.say(f"  {line}")
        if not reveal:
            self.say("names, numbers and texts are hidden; --reveal shows them")
        return DONE

    async def replay(self, letter_id: str) -> int:
        letter = await self._find(letter_id)
        if letter is None:
            return FAILED
        if letter.kind == "body":
            return await self._read_again(letter)
        match await self.letters.replay(letter):
            case "REPLAYED":
                behind = "is worked on again" if letter.kind == "event" else "is sent again"
                self.say(f"{letter.id} {behind}, after what waits for this customer now")
                return DONE
            case "KEPT":
                self.say(
                    f"{letter.id} cannot be put back: the conversation went on without this {letter.kind}. "
                    "Settle by hand what show --reveal tells, then drop it"
                )
            case "AGAIN":
                self.say(f"{letter.id} was replayed already")
            case "GONE":
                self.say(f"no dead letter {letter.id}")
        return FAILED

    async def drop(self, letter_id: str) -> int:
        if await self.letters.drop(letter_id):
            self.say(f"{letter_id} dropped")
            return DONE
        self.say(f"no dead letter {letter_id}")
        return FAILED

    async def _find(self, letter_id: str) -> Letter | None:
        letter = await self.letters.find(letter_id)
        if letter is None and await self.letters.was_replayed(letter_id):
            self.say(f"{letter_id} was replayed already")
        elif letter is None:
            self.say(f"no dead letter {letter_id}")
        return letter

    async def _read_again(self, letter: Letter) -> int:
        """A body of unknown shape may be readable to the bot of today. Events that were taken before are not taken twice."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            registry = CollectorRegistry()
            offices = build_offices(
                self.settings, redis=self.redis, session=session, registry=registry, now=read_clock, stack=stack
            )
            business, slug, _ = letter.conversation
            channel = offices[business].channels.get(slug) if business in offices else None
            if channel is None:
                self.say(f"{letter.id}: the settings have no {slug} of {business} any more")
                return FAILED
            try:
                parts = await channel.read(letter.body)
            except ValueError:
                parts = (Odd(letter.body),)
            if any(isinstance(part, Odd | Stray) for part in parts):
                self.say(f"{letter.id} still cannot be read by this version")
                return FAILED
        mailbox = Mailbox(self.redis, self.scripts, lease=self.settings.server.lease, hints=False)
        arrivals = [part for part in parts if isinstance(part, Arrival)]
        for arrival in arrivals:
            place = Conversation(business, slug, arrival.chat)
            if await mailbox.enqueue(place, arrival.digest, encode_event(arrival.event)) == "FULL":
                self.say(f"{letter.id}: too much waits for this customer already; try again later")
                return FAILED
        await self.letters.drop(letter.id)
        self.say(f"{letter.id} can be read now: {len(arrivals)} events, each worked on unless it came again meanwhile")
        return DONE


@asynccontextmanager
async def open_undertaker(settings: Settings, say: Say) -> AsyncIterator[Undertaker]:
    """On the Redis of the settings, also on the one that a running bot has of its own."""
    async with AsyncExitStack() as stack:
        redis = connect(await _find_redis(settings, stack))
        stack.push_async_callback(redis.aclose)
        yield Undertaker(settings, redis, Scripts(redis, CollectorRegistry()), say)


async def run_dead(settings: Settings, say: Say, wish: Callable[[Undertaker], Awaitable[int]]) -> int:
    """The exit code of a wish; 1 as well when Redis does not answer."""
    try:
        async with open_undertaker(settings, say) as undertaker:
            return await wish(undertaker)
    except (RedisError, OSError, TryAgain) as error:
        say(f"redis: does not answer ({type(error).__name__})")
        return FAILED


def check_id(letter_id: str) -> str:
    """Raises `SettingsError` for what is no id of a letter."""
    try:
        split_id(letter_id)
    except ValueError as error:
        raise SettingsError(f"ID: {error}") from None
    return letter_id


async def _find_redis(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.redis.url is not None:
        return settings.redis.url.get_secret_value()
    folder = settings.redis.data_dir / "redis"
    if not folder.exists():
        raise SettingsError(f"[redis] data_dir: found no Redis in {folder}; expected that of a bot that has run, or a url")
    return find_running(folder) or (await stack.enter_async_context(RedisServer(folder))).url


def _word_time(letter: Letter) -> str:
    return letter.buried_at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _word_body(letter: Letter, *, reveal: bool) -> list[str]:
    """The record as JSON, one key a line; a body that is none as text."""
    _, _, content = letter.body.partition(b" ")
    try:
        record = orjson.loads(letter.body if letter.kind == "body" else content)
    except ValueError:
        whole = letter.body.decode(errors="replace")
        return [_clean(whole) if reveal else _hide(whole)]
    shown = record if reveal else _veil(record)
    return [_clean(line) for line in orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode().splitlines()]


def _veil(record: Any, key: str = "") -> Any:
    """The record with every text hidden that may say something about a person."""
    if isinstance(record, dict):
        return {name: _veil(part, name) for name, part in record.items()}
    if isinstance(record, list):
        return [_veil(part, key) for part in record]
    if record is None or isinstance(record, bool) or key in PLAIN:
        return record
    return _hide(str(record))


def _hide(text: str) -> str:
    return f"<{len(text)} characters>" if text else ""


def _clean(text: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(mark if mark.isprintable() else f"\\x{ord(mark):02x}" for mark in text)
