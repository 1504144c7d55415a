import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import client_exceptions

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, VendorChanged
from bot.vendors.failures import Fate, KeyRefused, find_fate, translate_status, translate_transport


def list_tree(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(found for child in kind.__subclasses__() for found in list_tree(child))]


UNSENT = {
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientProxyConnectionError,
    client_exceptions.UnixClientConnectorError,
    aiohttp.ClientSSLError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
}
MISCONFIGURED = {
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.InvalidUrlClientError,
    aiohttp.NonHttpUrlClientError,
}
UNREADABLE = {
    aiohttp.ClientResponseError,
    aiohttp.ContentTypeError,
    aiohttp.WSServerHandshakeError,
    aiohttp.TooManyRedirects,
    aiohttp.ClientPayloadError,
    aiohttp.RedirectClientError,
    aiohttp.InvalidUrlRedirectClientError,
    aiohttp.NonHttpUrlRedirectClientError,
}
UNCLEAR = {
    aiohttp.ClientError,
    aiohttp.ClientConnectionError,
    aiohttp.ClientConnectionResetError,
    aiohttp.ClientOSError,
    aiohttp.ServerConnectionError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ServerTimeoutError,
    aiohttp.SocketTimeoutError,
    client_exceptions.UploadAbortedError,
    asyncio.TimeoutError,
    OSError,
}
EXPECTED: dict[type[BaseException], Fate] = {
    **dict.fromkeys(UNSENT, Fate.UNSENT),
    **dict.fromkeys(MISCONFIGURED, Fate.MISCONFIGURED),
    **dict.fromkeys(UNREADABLE, Fate.UNREADABLE),
    **dict.fromkeys(UNCLEAR, Fate.UNCLEAR),
}


def make(kind: type[BaseException]) -> BaseException:
    return kind.__new__(kind)


def test_every_failure_of_the_http_library_has_a_fate() -> None:
    known = [*list_tree(aiohttp.ClientError), asyncio.TimeoutError]
    shipped = [kind for kind in known if kind.__module__.startswith(("aiohttp", "builtins"))]
    assert {kind: find_fate(make(kind)) for kind in shipped} == {kind: EXPECTED.get(kind) for kind in shipped}


@pytest.mark.parametrize("kind", sorted(EXPECTED, key=repr))
def test_a_write_is_called_unapplied_only_if_it_never_left(kind: type[BaseException]) -> None:
    error = translate_transport(make(kind), is_write=True).error
    fate = EXPECTED[kind]
    assert type(error) is {Fate.UNSENT: TryAgain, Fate.MISCONFIGURED: CallStaff}.get(fate, OutcomeUnknown)


@pytest.mark.parametrize("kind", sorted(EXPECTED, key=repr))
def test_a_read_may_always_be_repeated_unless_settings_are_wrong(kind: type[BaseException]) -> None:
    error = translate_transport(make(kind), is_write=False).error
    assert type(error) is (CallStaff if EXPECTED[kind] is Fate.MISCONFIGURED else TryAgain)


def test_an_unknown_exception_is_not_swallowed() -> None:
    with pytest.raises(TypeError):
        find_fate(KeyError())


READS: dict[int, type[FrontdeskError]] = {
    301: VendorChanged,
    304: VendorChanged,
    400: VendorChanged,
    401: KeyRefused,
    402: CallStaff,
    403: KeyRefused,
    404: VendorChanged,
    408: TryAgain,
    429: TryAgain,
    500: TryAgain,
    502: TryAgain,
    503: TryAgain,
    504: TryAgain,
    599: TryAgain,
}
WRITES = {status: OutcomeUnknown if expected is TryAgain and status != 429 else expected for status, expected in READS.items()}
WRITES |= {301: OutcomeUnknown, 304: OutcomeUnknown, 400: CallStaff, 404: CallStaff}


@pytest.mark.parametrize("status", sorted(READS))
def test_every_status_without_an_answer_is_named(status: int) -> None:
    for is_write, expected in ((False, READS[status]), (True, WRITES[status])):
        failure = translate_status(status, has_answer=False, is_json=False, is_write=is_write, wait=timedelta(seconds=7))
        assert failure is not None
        assert type(failure.error) is expected
        if status == 429:
            assert isinstance(failure.error, TryAgain)
            assert failure.error.after == timedelta(seconds=7)


@pytest.mark.parametrize("status", [200, 201, 400, 404, 409, 422])
def test_an_answer_in_json_is_left_to_the_adapter(status: int) -> None:
    assert translate_status(status, has_answer=True, is_json=True, is_write=True, wait=timedelta()) is None
