"""One line a request, in the form of Apache's combined log, as PostgREST writes it.

See https://docs.postgrest.org/en/v16/references/observability.html#logs. Never in it: bodies, keys and tokens.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.gateway.settings import LogLevel

Log = Callable[[str], None]

_LOWEST_STATUS: Mapping[LogLevel, int] = {"crit": 1000, "error": 500, "warn": 400, "info": 0, "debug": 0}
# Supabase's front door takes the API key from the URL as well
_SECRETS = re.compile(r"(?<![^&])(apikey|access_token|token)=[^&]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNQUOTABLE = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request as a log may see it: never its body, nor a key."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int
    seconds: float
    role: str | None = None
    client: str = "-"
    http_version: str = "1.1"
    length: int | None = None


def is_logged(status: int, level: LogLevel) -> bool:
    """Whether a request with this status is logged at this level."""
    return status >= _LOWEST_STATUS[level]


def _shown(text: str, hidden: re.Pattern[str] = _UNQUOTABLE) -> str:
    return hidden.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def without_tokens(query: str) -> str:
    """The query string with the values of parameters that may be keys or tokens left out."""
    return _SECRETS.sub(lambda found: f"{found.group(1)}=***", query)


def log_line(line: RequestLine) -> str:
    """The line: client, role, time, request, status, bytes, referrer, user agent."""
    now = dt.datetime.now().astimezone().strftime("%d/%b/%Y:%H:%M:%S %z")
    query = f"?{without_tokens(line.query)}" if line.query else ""
    request = _shown(f"{line.method} {line.path}{query} HTTP/{line.http_version}")
    referrer, agent = (_shown(line.headers.get(name, "")) for name in ("referer", "user-agent"))
    length = "-" if line.length is None else str(line.length)
    role = _shown(line.role or "-")
    return f'{line.client} - {role} [{now}] "{request}" {line.status} {length} "{referrer}" "{agent}"'


def message_line(text: str) -> str:
    """A line about the gateway itself."""
    now = dt.datetime.now().astimezone().strftime("%d/%b/%Y:%H:%M:%S %z")
    return f"{now}: {_shown(text, _CONTROL)}"
