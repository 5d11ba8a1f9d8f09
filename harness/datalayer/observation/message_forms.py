"""Knows the messages that hold nothing but names of a schema, so that a message may be shown where no value may.

What can be recognised in a text can be taken out of it (masking.py); a person's name cannot be recognised. So a text
that leaves the process is not searched for what it must not hold: it is shown where its form is known, else not at all.
"""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r"(?![a-z0-9_.]*\d{7})[a-z_][a-z0-9_]{0,62}(?:\.[a-z_][a-z0-9_]{0,62})?"
_CODE: Final = (
    r"(?:[0-9A-Z]{5}|PGRST[0-9X]{2,3}|[1-5]\d\d|[a-z]{1,20}(?:_[a-z]{1,20}){0,4}|"
    r"[A-Z][A-Za-z]{0,40}(?:Error|Exception|Group|Timeout|TimedOut|Closed|Exceeded|Failed|NotFound|Iteration|Warning))"
)
"""A SQLSTATE, a code of PostgREST, an HTTP status, a word of this library's own, the name of an exception's class"""
_QUOTED: Final = rf'"{_NAME}"'

_FORMS: Final = (
    # PostgreSQL, English messages: undefined names
    rf"column (?:{_QUOTED}|{_NAME}) (?:of relation {_QUOTED} )?does not exist",
    rf"(?:relation|schema|type|role|constraint|index|sequence) {_QUOTED} does not exist",
    rf"function {_NAME}\([a-z_ ,\[\]]*\) does not exist",
    r"operator does not exist: [a-z_ \[\]]{1,60} [<>=~!@#%^&|*/+-]{1,4} [a-z_ \[\]]{1,60}",
    rf"column reference {_QUOTED} is ambiguous",
    r"(?:smallint|integer|bigint) out of range",
    r"value too long for type (?:character varying|character)\(\d{1,6}\)",
    r"division by zero",
    # constraints
    rf"duplicate key value violates unique constraint {_QUOTED}",
    rf"conflicting key value violates exclusion constraint {_QUOTED}",
    rf"null value in column {_QUOTED} (?:of relation {_QUOTED} )?violates not-null constraint",
    rf"new row for relation {_QUOTED} violates check constraint {_QUOTED}",
    rf"insert or update on table {_QUOTED} violates foreign key constraint {_QUOTED}",
    rf"update or delete on table {_QUOTED} violates foreign key constraint {_QUOTED} on table {_QUOTED}",
    rf"new row violates row-level security policy (?:{_QUOTED} )?for table {_QUOTED}",
    r"there is no unique or exclusion constraint matching the ON CONFLICT specification",
    r"ON CONFLICT DO UPDATE command cannot affect row a second time",
    rf"cannot insert a non-DEFAULT value into column {_QUOTED}",
    # rights, locks, limits, the server's state
    rf"permission denied for (?:table|schema|sequence|function|view|column|database) {_NAME}",
    r"cannot execute [A-Z ]{1,40} in a read-only transaction",
    r"canceling statement due to (?:statement timeout|lock timeout|user request|conflict with recovery)",
    r"terminating connection due to (?:administrator command|idle-in-transaction timeout|idle-session timeout)",
    r"could not obtain lock on (?:row in )?relation " + _QUOTED,
    r"could not serialize access due to (?:concurrent (?:update|delete)|read/write dependencies among transactions)",
    r"deadlock detected",
    r"current transaction is aborted, commands ignored until end of transaction block",
    r"(?:sorry, too many clients already|the database system is (?:starting up|shutting down|in recovery mode))",
    r"remaining connection slots are reserved for [a-zA-Z_ ]{1,80}",
    # This library
    rf"More than one row of {_NAME} matches\.",
    rf"More than \d{{1,6}} rows of {_NAME} match; ask for fewer\.",
    r"No connection of the pool became free in time\.",
    r"The connection to the database failed or was lost\.",
    rf"The database refused the call \({_CODE}\)\.",
    rf"The backend refused the call without an error code \({_CODE}\)\.",
    rf"The driver refused the statement or its values \({_CODE}\)\.",
    rf"The data layer itself failed \({_CODE}\)\.",
    # What is said in place of a message of no known form
    rf"[a-z]{{1,20}}(?:_[a-z]{{1,20}})? \({_CODE}\)",
)
_KNOWN_CODE: Final = re.compile(_CODE, re.ASCII)
_OF_SCHEMA: Final = re.compile(r"(?!\w*\d{7})[a-z_]\w{0,62}", re.ASCII)
_KNOWN: Final = re.compile("|".join(f"(?:{form})" for form in _FORMS), re.ASCII)


def known_message(text: str) -> str | None:
    """The text where the whole of it has a known form, in which only lower-case names of a schema vary; None otherwise.

    A server that answers in another language than English (lc_messages) has no message of a known form.
    """
    return text if _KNOWN.fullmatch(text) else None


def known_name(text: str) -> str:
    """A name of a schema or of code where it looks like one (lower case first, ASCII), else "other"."""
    return text if _OF_SCHEMA.fullmatch(text) else "other"


def known_code(text: str) -> str:
    """An error code where it has the form of one, else "other": a backend may send any text as its code."""
    return text if _KNOWN_CODE.fullmatch(text) else "other"
