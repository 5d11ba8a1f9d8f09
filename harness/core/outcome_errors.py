"""Errors of a data layer, raised or in an envelope, as one kind and a code; two of them compared. Texts never are.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html and
https://docs.postgrest.org/en/stable/references/errors.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from harness.core.masking import personal_hash
from harness.core.outcomes import OutcomeError

ErrorVerdict = Literal["equal", "drift", "different"]

_KINDS: dict[str, frozenset[str]] = {
    code: frozenset(kinds.split())
    for codes, kinds in (
        ("PGRST000 PGRST001 PGRST002 502 503 53300 57P01 57P02 57P03", "connection"),
        ("PGRST003 504", "connection timeout"),
        ("55P03 57014 timeout", "timeout"),
        ("PGRST100 PGRST102 PGRST103 400 414 416 431 invalid_input", "invalid_input"),
        # One code for no row and for several where one was asked for.
        ("PGRST116 406", "not_found conflict"),
        ("P0002", "not_found"),
        ("P0003 21000 23505 23P01 409", "conflict"),
        ("PGRST300 PGRST301 PGRST302 PGRST303 42501 25006 401 403", "permission"),
        ("42703 42P01 42883 42P10 42601", "internal"),
    )
    for code in codes.split()
}
_KINDS_OF_CLASS = {
    "08": "connection",
    "22": "invalid_input",
    "23": "constraint",
    "28": "permission",
    "40": "conflict",
    "42": "internal",
    "57": "connection",
}
_SAME_CODE = {
    "PGRST204": "42703", "PGRST205": "42P01", "PGRST202": "42883", "406": "PGRST116",
    # A limit below 0. Offsets behind the end are PGRST103 too, where the total was asked for: PostgreSQL refuses none.
    "PGRST103": "2201W",
}  # fmt: skip
_KIND_OF_TYPE = {
    "ValueError": "invalid_input",
    "ValidationError": "invalid_input",
    "TimeoutError": "timeout",
    "ConnectionError": "connection",
    "ConnectError": "connection",
    "ConnectTimeout": "connection",
    "ConnectionRefusedError": "connection",
    "ConnectionResetError": "connection",
    "BrokenPipeError": "connection",
    "OperationalError": "connection",
    "InterfaceError": "connection",
    "PoolTimeout": "connection",
    "PoolClosed": "connection",
    "ReadError": "connection",
    "ReadTimeout": "connection",
    "WriteError": "connection",
    "RemoteProtocolError": "connection",
    "PermissionError": "permission",
}
_CONNECTION_WORDS = frozenset({"connection", "infrastructure", "unavailable", "network"})
_A_WORD = re.compile(r"[\w.:-]{1,64}(?: [\w.:-]{1,64}){0,2}\Z", re.ASCII)
_LONG_NUMBER = re.compile(r"\d{6}", re.ASCII)
_CODE_ATTRIBUTES = ("sqlstate", "pgcode", "code")
_CODE = re.compile(r"(?:[0-9A-Z]{5}|PGRST[0-9A-Z]{3}|[1-5][0-9]{2})\Z", re.ASCII)


def error_of_exception(error: BaseException) -> OutcomeError:
    """An exception as kind and code: by its own SQLSTATE or PostgREST code or that of its cause, else by its type."""
    for each in _with_causes(error):
        for name in _CODE_ATTRIBUTES:
            code = getattr(each, name, None)
            if isinstance(code, int) and not isinstance(code, bool):
                code = str(code)
            if isinstance(code, str) and _CODE.match(code):
                return OutcomeError(kind=_first(kinds_of_code(code)) or type(error).__name__, code=code, raised=True)
    kind = next((_KIND_OF_TYPE[each.__name__] for each in type(error).__mro__ if each.__name__ in _KIND_OF_TYPE), None)
    return OutcomeError(kind=kind or type(error).__name__, raised=True)


def error_of_envelope(error: Any) -> OutcomeError:
    """The error of an envelope {success: false, error}: an object with kind and code, an exception, or a text."""
    if isinstance(error, BaseException):
        return error_of_exception(error).model_copy(update={"raised": False})
    given = error if isinstance(error, Mapping) else {name: getattr(error, name, None) for name in ("kind", "code")}
    code = given.get("code")
    code = _shown(str(code)) if isinstance(code, str | int) and str(code) else None
    kind = given.get("kind") or given.get("type") or (_first(kinds_of_code(code)) if code else None)
    return OutcomeError(kind=_shown(str(getattr(kind, "value", kind) or "error")), code=code)


def is_word(text: str) -> bool:
    """Whether a kind or a code is a word, and so shown: a sentence or a long number may be anybody's."""
    return _A_WORD.match(text) is not None and _LONG_NUMBER.search(text) is None


def _shown(text: str) -> str:
    """A word as it is; of anything else a hash, by which two of them can still be told apart."""
    return text if is_word(text) else personal_hash(text)


def kinds_of_code(code: str) -> frozenset[str]:
    """The kinds that a SQLSTATE, a PostgREST code or an HTTP status can mean; none where it is not known."""
    code = _SAME_CODE.get(code, code)
    known = _KINDS.get(code)
    if known is None and len(code) == 5 and code[:2] in _KINDS_OF_CLASS:
        known = frozenset({_KINDS_OF_CLASS[code[:2]]})
    return known or frozenset()


def is_infrastructure(error: OutcomeError) -> bool:
    """Whether the error says nothing of the data layer: a connection was lost, a gateway was away."""
    if error.code is not None and (kinds := kinds_of_code(error.code)):
        return "connection" in kinds
    return _word(error.kind) in _CONNECTION_WORDS


def compare_errors(source: OutcomeError, target: OutcomeError) -> ErrorVerdict:
    """Equal when the kind is; another code within a kind is drift."""
    source_code, target_code = (_SAME_CODE.get(each.code or "", each.code) for each in (source, target))
    known_source, known_target = (
        kinds_of_code(code) if code else frozenset[str]() for code in (source_code, target_code)
    )
    if known_source and known_target and not known_source & known_target:
        return "different"
    if _word(source.kind) != _word(target.kind):
        if not source.raised and not target.raised:
            return "different"
        if not (known_source | {_word(source.kind)}) & (known_target | {_word(target.kind)}):
            return "different"
    both = source_code is not None and target_code is not None
    return "drift" if both and source_code != target_code else "equal"


def _first(kinds: frozenset[str]) -> str | None:
    return min(kinds, default=None)


def _word(kind: str) -> str:
    """not_found, NotFound and 'not found' are one kind."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", kind).lower()


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps (SQLAlchemy's `orig`) and what it was raised from."""
    seen: list[BaseException] = []
    each: Any = error
    while isinstance(each, BaseException) and each not in seen:
        seen.append(each)
        yield each
        each = getattr(each, "orig", None) or each.__cause__
