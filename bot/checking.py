"""`frontdesk check`: whether everything the settings name would work, one line each."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp
from prometheus_client import CollectorRegistry
from redis.exceptions import RedisError

from bot.app import build_offices, read_clock
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import Whatsapp
from bot.conversation.contract import Text
from bot.errors import FrontdeskError
from bot.inbox.dead import DeadLetters
from bot.inbox.script import Scripts
from bot.office import Office
from bot.redisclient import SharingRedis, connect
from bot.redisserver import RedisServer, find_running
from bot.settings import BusinessSettings, SchedlyAccount, Settings
from bot.texts import Texts, find_locales
from bot.vendors.base import CheckedVendor

OLDEST_REDIS = (6, 2)

COMMANDS = {
    "book": "command.book",
    "appointments": "command.appointments",
    "menu": "command.menu",
    "language": "command.language",
    "human": "command.human",
    "cancel": "command.cancel",
}
"""What the messenger's menu lists, and the key of each description. What else is understood stands in flows/words.py."""

WORTH_SAYING = 50
"""Updates that Telegram could not deliver before it warns of them itself (Bot API, getWebhookInfo)."""

_ERROR_AGE = timedelta(hours=1)

Say = Callable[[str], None]


class Report:
    """What has been found so far."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.has_failed = False

    def ok(self, what: str, found: str) -> None:
        self._say(f"ok    {what}: {found}")

    def warn(self, what: str, found: str) -> None:
        """It works, but the operator should know."""
        self._say(f"warn  {what}: {found}")

    def fail(self, what: str, found: str) -> None:
        self._say(f"FAIL  {what}: {found}")
        self.has_failed = True


async def run_check(settings: Settings, *, fix: bool, say: Say) -> int:
    """The exit code: 1 if something would not work. `fix` registers webhooks and commands."""
    report = Report(say)
    _check_texts(report)
    async with AsyncExitStack() as stack:
        redis = await _open_redis(settings, stack)
        await _check_redis(redis, settings, report)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        offices = build_offices(settings, redis=redis, session=session, registry=CollectorRegistry(), now=read_clock, stack=stack)
        for slug, office in offices.items():
            business = settings.businesses[slug]
            await _check_vendor(slug, office, business, report)
            telegram = office.channels.get("telegram")
            if isinstance(telegram, Telegram):
                await _check_telegram(slug, telegram, business, public_url=settings.server.public_url, fix=fix, report=report)
            whatsapp = office.channels.get("whatsapp")
            if isinstance(whatsapp, Whatsapp):
                await _check_whatsapp(slug, whatsapp, business, public_url=settings.server.public_url, fix=fix, report=report)
    return int(report.has_failed)


def _check_texts(report: Report) -> None:
    texts = Texts(find_locales())
    for problem in texts.check():
        report.warn("texts", problem)
    report.ok("texts", ", ".join(texts.languages))


async def _open_redis(settings: Settings, stack: AsyncExitStack) -> SharingRedis:
    if settings.redis.url is not None:
        url = settings.redis.url.get_secret_value()
    else:
        folder = settings.redis.data_dir / "redis"
        url = find_running(folder)
        if not url and not _keeps_tokens(settings):  # beside the bot's own: a look changes nothing there
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-")))
        url = url or (await stack.enter_async_context(RedisServer(folder))).url
    redis = connect(url)
    stack.push_async_callback(redis.aclose)
    return redis


def _keeps_tokens(settings: Settings) -> bool:
    """Whether a check may be handed tokens that replace those in the settings: lost, they lock the business out."""
    vendors = (business.vendor for business in settings.businesses.values())
    return any(isinstance(vendor, SchedlyAccount) and vendor.refresh_token for vendor in vendors)


async def _check_redis(redis: SharingRedis, settings: Settings, report: Report) -> None:
    try:
        server = await redis.info("server")
        memory = await redis.info("memory")
        persistence = await redis.info("persistence")
    except RedisError as error:
        report.fail("redis", f"does not answer ({type(error).__name__})")
        return
    version = str(server.get("valkey_version") or server["redis_version"])
    kind = f"{'Valkey' if 'valkey_version' in server else 'Redis'} {version}"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        report.fail("redis", f"{kind}; expected Redis 6.2 or newer, or Valkey")
        return
    place = "" if settings.redis.url else f", of our own in {settings.redis.data_dir}"
    report.ok("redis", f"{kind}{place}")
    if not persistence.get("aof_enabled"):
        report.warn("redis", "no append-only file: what it holds is lost when it ends; set appendonly yes")
    letters = await DeadLetters(redis, Scripts(redis, CollectorRegistry())).count()
    if letters:
        report.warn("redis", f"{letters} dead letters; see frontdesk dead list")
    if memory.get("maxmemory_policy") != "noeviction":
        report.warn("redis", "may drop keys when memory is short; set maxmemory-policy noeviction")


async def _check_vendor(slug: str, office: Office, business: BusinessSettings, report: Report) -> None:
    what = f"{slug} {business.vendor.kind}"
    try:
        locations = await office.vendor.list_locations()
        gaps = await office.vendor.list_gaps() if isinstance(office.vendor, CheckedVendor) else ()
    except FrontdeskError as error:
        report.fail(what, str(error))
        return
    unknown = set(business.vendor.time_zones) - {location.id for location in locations}
    for location in sorted(unknown):
        report.fail(what, f"has no location {location}, named in time_zones")
    report.ok(what, f"{len(locations)} locations")
    for gap in gaps:
        report.warn(what, gap)


async def _check_telegram(
    slug: str, telegram: Telegram, business: BusinessSettings, *, public_url: str, fix: bool, report: Report
) -> None:
    what = f"{slug} telegram"
    try:
        report.ok(what, f"@{await telegram.identify()}")
        if fix:
            await telegram.set_commands(_word_commands(business.languages))
            report.ok(what, "commands registered")
        if business.telegram and business.telegram.mode == "webhook":
            await _check_webhook(what, telegram, business, public_url=public_url, fix=fix, report=report)
    except FrontdeskError as error:
        report.fail(what, str(error))


async def _check_webhook(
    what: str, telegram: Telegram, business: BusinessSettings, *, public_url: str, fix: bool, report: Report
) -> None:
    if not public_url:
        report.fail(what, 'mode is "webhook" and server.public_url is not set; expected one, or mode = "polling"')
        return
    if business.telegram and not business.telegram.webhook_secret:
        report.fail(what, "no webhook_secret: every delivery would be turned away")
        return
    if fix:
        await telegram.register(public_url)
    state = await telegram.get_webhook()
    if not state.url.startswith(public_url):
        report.fail(what, f"the webhook is {'at ' + state.url if state.url else 'not registered'}; run check --fix")
        return
    report.ok(what, f"webhook at {state.url}")
    if state.pending >= WORTH_SAYING:
        report.warn(what, f"{state.pending} updates are waiting at Telegram")
    if state.last_error and state.last_error_at and read_clock() - state.last_error_at < _ERROR_AGE:
        report.warn(what, f"the last delivery failed: {state.last_error}")


async def _check_whatsapp(
    slug: str, whatsapp: Whatsapp, business: BusinessSettings, *, public_url: str, fix: bool, report: Report
) -> None:
    what = f"{slug} whatsapp"
    try:
        report.ok(what, f"number {await whatsapp.identify()}")
        if not public_url:
            report.fail(what, "server.public_url is not set; expected the address at which Meta reaches this server")
            return
        if business.whatsapp and not business.whatsapp.app_secret:
            report.fail(what, "no app_secret: every delivery would be turned away")
            return
        if fix:  # Meta asks the address to answer at once: the bot has to be running
            await whatsapp.register(public_url)
        url = await whatsapp.find_webhook()
        if url and url.startswith(public_url):
            report.ok(what, f"webhook at {url}")
        elif url:
            report.fail(what, f"the webhook is at {url}; run check --fix while the bot runs")
        else:
            report.warn(what, "the number has no webhook of its own; the app's holds, or run check --fix while the bot runs")
    except FrontdeskError as error:
        report.fail(what, str(error))


def _word_commands(languages: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """By language, and under "" the default language's for everyone else."""
    texts = Texts(find_locales())
    worded = {
        language: {name: texts.word(Text(key), language, now=read_clock()) for name, key in COMMANDS.items()}
        for language in languages
    }
    return {"": worded[languages[0]], **worded}
