"""Clock words: whether a condition reads the clock, so that it holds for other rows at each moment it is asked."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from harness.core.sql.text import TextError, tokens

_KEY_WORDS: Final = frozenset({"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"})
"""Reserved: no column is called so without quotes"""
_FUNCTIONS: Final = frozenset({"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday"})


def clock_word(text: str) -> str | None:
    """The first word of SQL that reads the clock: now(), current_date and their kind; None: there is none.

    What a function of users reads is not seen here, and neither are the texts 'now' and 'today'.
    """
    try:
        found = [token for token in tokens(text) if token.kind not in ("blank", "comment")]
    except TextError:
        return None
    for token, after in pairwise([*found, None]):
        if token is None:
            continue
        if token.upper in _KEY_WORDS:
            return token.text
        if after is not None and after.text == "(" and (token.identifier or "") in _FUNCTIONS:
            return f"{token.text}()"
    return None
