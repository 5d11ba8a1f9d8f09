"""Makes supabase-py clients with time limits and without retries, and closes them; the client itself is as it comes.

Its HTTP client is handed to supabase-py as an option, which is what the option is for. It speaks HTTP/1.1 unless told
otherwise: a server that ends an HTTP/2 connection fails every request that is under way on it.
"""

from __future__ import annotations

import functools
import logging
import ssl
from dataclasses import fields
from typing import Final, TypeVar

import httpx
from supabase import (
    ASupabaseException,
    AsyncClient,
    AsyncClientOptions,
    Client,
    ClientOptions,
    SupabaseException,
    create_async_client,
    create_client,
)

from harness.datalayer.envelope import CallFailed
from harness.datalayer.supabase.rest_requests import failed
from harness.errors import ConfigurationError, DataLayerFailed


class _WithoutQueries(logging.Filter):
    """httpx logs the URL of each request at INFO, and the filters of a read, with their values, stand in its query."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(one.copy_with(query=None) if isinstance(one, httpx.URL) else one for one in record.args)
        return True


logging.getLogger("httpx").addFilter(_WithoutQueries())

Options = TypeVar("Options", ClientOptions, AsyncClientOptions)

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
_HINT: Final = "Set the project's URL, as https://project.supabase.co, and its key."


def supabase_client(
    url: str,
    key: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
    retry_reads: bool = False,
    http2: bool = False,
) -> Client:
    """A client of the project at `url`; nothing is sent yet. `close` it in the end.

    A write is never sent twice; a read is sent again, by supabase-py, only with `retry_reads`.

    :raises ConfigurationError: where URL or key cannot be used; the key is not in its text.
    """
    _checked(url, key)
    http = httpx.Client(
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
        follow_redirects=True,
        verify=_trusted(),
        http2=http2,
    )
    options = ClientOptions(httpx_client=http, auto_refresh_token=False, persist_session=False)
    try:
        return create_client(url, key, options=_with_retries(options, retry_reads))
    except SupabaseException as error:
        http.close()
        raise _refused(error.message) from None
    except (httpx.InvalidURL, ValueError):
        http.close()
        raise _refused("Invalid URL") from None


async def async_supabase_client(
    url: str,
    key: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
    retry_reads: bool = False,
    http2: bool = False,
) -> AsyncClient:
    """The same for asyncio; `close_async` it in the end."""
    _checked(url, key)
    http = httpx.AsyncClient(
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
        follow_redirects=True,
        verify=_trusted(),
        http2=http2,
    )
    options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False, persist_session=False)
    try:
        return await create_async_client(url, key, options=_with_retries(options, retry_reads))
    except ASupabaseException as error:
        await http.aclose()
        raise _refused(error.message) from None
    except (httpx.InvalidURL, ValueError):
        await http.aclose()
        raise _refused("Invalid URL") from None


def prove(client: Client, table: str) -> None:
    """Ask for no row of a table, so that a wrong URL or key is found at the start and not by the first user.

    :raises DataLayerFailed: where the project cannot be reached or refuses the key.
    """
    try:
        client.table(table).select("*").limit(0).execute()
    except Exception as error:  # noqa: BLE001 - whatever it was, the backend cannot be used
        raise _unusable(failed(error)) from None


async def prove_async(client: AsyncClient, table: str) -> None:
    """The same for asyncio."""
    try:
        await client.table(table).select("*").limit(0).execute()
    except Exception as error:  # noqa: BLE001 - whatever it was, the backend cannot be used
        raise _unusable(failed(error)) from None


def close(client: Client) -> None:
    """Close the client's connections; calls fail from then on, with the code closed."""
    if client.options.httpx_client is not None:
        client.options.httpx_client.close()


async def close_async(client: AsyncClient) -> None:
    """Close the client's connections; calls fail from then on, with the code closed."""
    if client.options.httpx_client is not None:
        await client.options.httpx_client.aclose()


def _checked(url: str, key: str) -> None:
    """Refuse what would fail later and elsewhere, with a text that shows the key."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise _refused("the key holds characters that no key has")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise _refused("Invalid URL") from None
    if parsed.userinfo:
        raise _refused("the URL holds a user or a password")


def _refused(reason: str) -> ConfigurationError:
    return ConfigurationError(f"The Supabase client refuses its settings: {reason}.", hint=_HINT)


def _unusable(reason: CallFailed) -> DataLayerFailed:
    return DataLayerFailed(
        f"The data layer cannot use its Supabase project ({reason.kind}, {reason.code}).", hint=_HINT
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted, read once: a process that makes many clients reads megabytes of them else."""
    return httpx.create_ssl_context()


def _with_retries(options: Options, retry_reads: bool) -> Options:
    """Say whether reads are sent again; older versions of supabase-py never do, and have no such option."""
    if "postgrest_client_retry" in {field.name for field in fields(options)}:
        options.postgrest_client_retry = retry_reads
    return options
