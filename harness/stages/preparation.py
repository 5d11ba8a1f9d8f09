"""Preparation: statements are prepared and planned on clones of both sides, so that PostgreSQL judges them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg

from harness.core.postgrest.errors import RequestError
from harness.core.prepared import UNPREPARED as UNPREPARED
from harness.core.prepared import Preparation as Preparation
from harness.core.prepared import Prepared, PreparedPair
from harness.core.statements import CapturedStatement
from harness.postgres.preparing import Asked, prepared, preparing

if TYPE_CHECKING:  # What was prepared is part of every run document; what it was prepared on is not loaded for it.
    from harness.stages.stand import Stand


def prepare_on(
    stands: tuple[Stand, Stand], statements: Sequence[CapturedStatement], schemas: Sequence[str]
) -> Preparation:
    """Ask the server of each stand about the statements; nothing is run. A clone that does not answer is said."""
    try:
        becomes = _becomes(stands[0], statements)
        asked = list(dict.fromkeys(becomes.values()))
        if not asked:
            return UNPREPARED
        with ThreadPoolExecutor(max_workers=len(stands), thread_name_prefix="prepare") as executor:
            source, target = executor.map(lambda stand: _answers(stand, asked, schemas), stands)
    except (psycopg.Error, RequestError) as error:
        state = (error.sqlstate if isinstance(error, psycopg.Error) else error.code) or "unknown"
        return Preparation(missing=f"a clone cannot be asked about the statements (SQLSTATE {state})")
    pairs = {each: PreparedPair(source=mine, target=its) for each, mine, its in zip(asked, source, target, strict=True)}
    return Preparation(pairs={each: pairs[asked] for each, asked in becomes.items()})


def _becomes(source: Stand, statements: Sequence[CapturedStatement]) -> dict[CapturedStatement, Asked]:
    """What the servers are asked of each statement. Only the source has a REST interface, and so only it translates."""
    made = source.translated([each.request for each in statements if each.request is not None])
    sql = {each: each.sql if each.request is None else made.get(each.request) for each in statements}
    return {each: Asked(sql=text, types=each.types) for each, text in sql.items() if text}


def _answers(stand: Stand, asked: Sequence[Asked], schemas: Sequence[str]) -> tuple[Prepared, ...]:
    with preparing(stand.server, stand.copy.template, stand.slot.name, schemas) as connection:
        return prepared(connection, asked)
