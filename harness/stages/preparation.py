"""Preparation: statements are prepared and planned on clones of both sides, so that PostgreSQL judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from harness.core.prepared import Prepared, PreparedPair
from harness.core.statements import CapturedStatement
from harness.postgres.preparing import Asked, prepared, preparing

if TYPE_CHECKING:  # What was prepared is part of every run document; what it was prepared on is not loaded for it.
    from harness.stages.stand import Stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What both servers say of each SQL statement; requests have none."""

    pairs: Mapping[CapturedStatement, PreparedPair] = field(default_factory=dict)
    missing: str = ""
    """Why there are none, where they were wanted"""


UNPREPARED = Preparation()


def prepare_on(
    stands: tuple[Stand, Stand], statements: Sequence[CapturedStatement], schemas: Sequence[str]
) -> Preparation:
    """Ask the server of each stand about the statements; nothing is run. A clone that does not answer is said."""
    asked = list(dict.fromkeys(_asked(each) for each in statements if each.sql))
    if not asked:
        return UNPREPARED
    try:
        with ThreadPoolExecutor(max_workers=len(stands), thread_name_prefix="prepare") as executor:
            source, target = executor.map(lambda stand: _answers(stand, asked, schemas), stands)
    except psycopg.Error as error:
        state = error.sqlstate or "unknown"
        return Preparation(missing=f"a clone cannot be asked about the statements (SQLSTATE {state})")
    pairs = {each: PreparedPair(source=mine, target=its) for each, mine, its in zip(asked, source, target, strict=True)}
    return Preparation(pairs={each: pairs[_asked(each)] for each in statements if each.sql})


def _asked(statement: CapturedStatement) -> Asked:
    return Asked(sql=statement.sql or "", types=statement.types)


def _answers(stand: Stand, asked: Sequence[Asked], schemas: Sequence[str]) -> tuple[Prepared, ...]:
    with preparing(stand.server, stand.copy.template, stand.slot.name, schemas) as connection:
        return prepared(connection, asked)
