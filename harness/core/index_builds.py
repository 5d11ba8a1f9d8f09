"""Index builds: which steps of a plan build indexes of tables, and how keys among them are built beside others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from harness.core.names import quote, split
from harness.core.plan import Step

_NAME: Final = r'(?:"(?:[^"]|"")+"|[^\s"().,;]+)'
_INDEX: Final = re.compile(rf"CREATE (?:UNIQUE )?INDEX {_NAME} ON ({_NAME}\.{_NAME}) .*", re.DOTALL)
_KEY: Final = re.compile(
    rf"ALTER TABLE (?:ONLY )?({_NAME}\.{_NAME}) ADD CONSTRAINT ({_NAME}) (PRIMARY KEY|UNIQUE)"
    rf" (\({_NAME}(?:, {_NAME})*\));?"
)


@dataclass(frozen=True, slots=True)
class LeftIndex:
    """What an interrupted run leaves of a key: its index, which it did not come to make a constraint of."""

    name: str
    """Identity of the index"""
    definition: str
    """As PostgreSQL deparses it (pg_get_indexdef)"""
    take: str
    """Makes the constraint of it"""


@dataclass(frozen=True, slots=True)
class IndexBuild:
    """One index of a table, and the key that it is for; each statement is a transaction of its own."""

    step: Step
    create: str
    take: str | None = None
    """Makes a constraint of the index"""
    left: LeftIndex | None = None
    """Of a key"""


def index_builds(steps: Iterable[Step], tables: Collection[str]) -> tuple[tuple[IndexBuild, ...], tuple[Step, ...]]:
    """The builds that need nothing but their table, and the steps that are left, in their order.

    `tables` are the identities of plain tables: an index of a partitioned one, or of a view that other steps make, is
    left. A key becomes a unique index, which locks no other build of the table out, and then a constraint that takes
    the index over (PostgreSQL's manual, "ALTER TABLE … ADD table_constraint_using_index").
    """
    builds: list[IndexBuild] = []
    left: list[Step] = []
    for step in steps:
        index, key = _INDEX.fullmatch(step.sql), _KEY.fullmatch(step.sql)
        if step.kind == "index" and index is not None and index[1] in tables and step.transactional:
            builds.append(IndexBuild(step, step.sql))
        elif step.kind == "constraint" and key is not None and key[1] in tables:
            table, name, kind, columns = key.groups()
            # Where something has the key's name, the plan gives it another one.
            own = quote(split(step.identity)[-1])
            builds.append(
                IndexBuild(
                    step,
                    create=f"CREATE UNIQUE INDEX {name} ON {table} {columns}",
                    take=_take(table, name, kind),
                    left=LeftIndex(
                        name=f"{quote(split(table)[0])}.{own}",
                        definition=f"CREATE UNIQUE INDEX {own} ON {table} USING btree {columns}",
                        take=_take(table, own, kind),
                    ),
                )
            )
        else:
            left.append(step)
    return tuple(builds), tuple(left)


def _take(table: str, name: str, kind: str) -> str:
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}"
