"""The webhook: notices are posted as JSON, each attempt within its time limit, again after a pause where that helps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

from harness.core.watch.notices import WatchNotice
from harness.errors import ConfigurationError
from harness.service.watch.channels import NotDelivered
from harness.version import __version__

_PAUSE: Final = 1.0
"""Seconds before the second attempt; before each further one four times as long"""
_WORTH_TRYING_AGAIN: Final = frozenset({408, 425, 429})


@dataclass(slots=True)
class Webhook:
    """Posts to one address. Neither the address nor the token is ever shown."""

    address: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    seconds: float = 10
    attempts: int = 3
    name: str = "webhook"

    def __post_init__(self) -> None:
        """ConfigurationError: the address is none, or the token cannot be sent."""
        try:
            parts = urlsplit(self.address)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            whole = False
        if not whole:
            raise ConfigurationError(
                "the address of the webhook is none", hint="Write https://host/path, or env:NAME of a variable with it."
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise ConfigurationError(
                "the webhook's token has characters that no header takes", hint="Check the variable that it is in."
            )

    def tell(self, notice: WatchNotice, sleep: Callable[[float], None]) -> int:
        """Post a notice; how many attempts that took. NotDelivered: none succeeded, or the receiver refuses it."""
        reason = ""
        for attempt in range(1, self.attempts + 1):
            if attempt > 1:
                sleep(_PAUSE * 4 ** (attempt - 2))
            status = self._posted(notice)
            if isinstance(status, int) and 200 <= status < 300:
                return attempt
            reason = f"HTTP {status}" if isinstance(status, int) else status
            if isinstance(status, int) and status < 500 and status not in _WORTH_TRYING_AGAIN:
                raise NotDelivered(reason, attempt)
        raise NotDelivered(reason, self.attempts)

    def _posted(self, notice: WatchNotice) -> int | str:
        """The status of the answer, or why there was none.

        In a thread of its own: httpx limits each read, and a receiver that sends a byte now and then would hold the
        watch for as long as it likes.
        """
        answer: list[int | str] = []
        posting = threading.Thread(target=lambda: answer.append(self._post(notice)), daemon=True)
        posting.start()
        posting.join(self.seconds)
        return answer[0] if answer else f"no answer within {self.seconds:g} s"

    def _post(self, notice: WatchNotice) -> int | str:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"pgparity/{__version__}",
            "Idempotency-Key": notice.id,
        }
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            # Redirects are not followed: the token is for this address. Of the answer the status is enough.
            with (
                httpx.Client(timeout=self.seconds, follow_redirects=False) as client,
                client.stream("POST", self.address, content=notice.to_json().encode(), headers=headers) as response,
            ):
                return response.status_code
        except httpx.TimeoutException:
            return f"no answer within {self.seconds:g} s"
        except httpx.HTTPError as error:
            return f"not reached ({type(error).__name__})"
        except (httpx.InvalidURL, UnicodeError, ValueError):
            return "the address of the webhook is none"
