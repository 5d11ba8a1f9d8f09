"""What PostgREST answers when it refuses a request: status, code, message, details and hint."""

from __future__ import annotations


class RequestError(Exception):
    """A request that is refused before it reaches PostgreSQL, in the shape of PostgREST's error body.

    `status` is the HTTP status, `code` a PGRST code (https://docs.postgrest.org/en/v16/references/errors.html).
    """

    def __init__(
        self, status: int, code: str, message: str, *, details: object = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint


def not_implemented(reason: str) -> RequestError:
    """What this gateway leaves out: 501 and the reason, never an answer that might be wrong."""
    return RequestError(501, "PGRST127", "Feature not implemented", details=reason)
