"""Texts: which attributes hold SQL that PostgreSQL deparsed, how a server is given one, and where it is read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Routine
from harness.core.model.relations import Column, Table, View
from harness.core.model.replication import Publication
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.model.statistics import StatisticsObject
from harness.core.model.types import Domain
from harness.core.model.views import Rule, ViewColumn
from harness.core.names import qualified, quote

SCHEMA = "pgparity_replay"
"""Holds what is made to read a text and lives beside what the text speaks of"""
NAME = "pgparity_replayed"
"""The name of what is made"""


class Read(StrEnum):
    """What a server is asked to write again, in a form that it takes."""

    CONSTRAINT = "constraint"
    EXPRESSIONS = "expressions"
    ROW_FILTER = "row filter"
    COLUMN = "column"
    INDEX = "index"
    VIEW = "view"
    USING = "using"
    CHECK = "check"
    TRIGGER = "trigger"
    RULE = "rule"
    DOMAIN_DEFAULT = "domain default"
    DOMAIN_CHECK = "domain check"
    PARTITION_KEY = "partition key"
    BODY = "body"
    PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a text is given to a server, and what of the server then writes it."""

    given: Callable[[str], str]
    """The statement that holds the text"""
    read: Read
    of: str = ""
    """Identity of the relation or the domain that it is about"""
    name: str = NAME


@dataclass(frozen=True, slots=True)
class Replay:
    """One text and the way it goes."""

    text: str
    way: Way


def replays(each: CatalogObject, attribute: str, value: Any) -> tuple[Replay, ...]:
    """The texts of one attribute, in order; nothing where it holds none that PostgreSQL deparsed."""
    chosen = _WAYS.get((each.kind, attribute))
    way = None if chosen is None else chosen(each)
    texts = (value,) if isinstance(value, str) else value
    if way is None or not isinstance(texts, tuple):
        return ()
    return tuple(Replay(text, way) for text in texts)


def routine_head(each: Routine, name: str, *, parameters: str | None = None) -> str:
    """FUNCTION name(parameters) RETURNS type."""
    word = "PROCEDURE" if each.type == "procedure" else "FUNCTION"
    returns = f" RETURNS {each.returns}" if each.returns and each.type != "procedure" else ""
    return f"{word} {name}({each.parameters if parameters is None else parameters}){returns}"


def _constraint(each: Constraint) -> Way | None:
    if each.type not in ("check", "exclusion"):
        return None
    table = str(each.table_identity)
    return Way(given=lambda text: f"ALTER TABLE {table} ADD CONSTRAINT {NAME} {text}", read=Read.CONSTRAINT, of=table)


def _default(each: Column | ViewColumn) -> Way:
    relation, column = str(each.table_identity), quote(each.name)
    return Way(
        given=lambda text: f"ALTER TABLE {relation} ALTER COLUMN {column} SET DEFAULT {text}",
        read=Read.COLUMN,
        of=relation,
        name=each.name,
    )


def _generated(each: Column) -> Way:
    table = str(each.table_identity)
    column = f"{NAME} {each.type}" + (f" COLLATE {each.collation}" if each.collation else "")
    return Way(
        given=lambda text: f"ALTER TABLE {table} ADD COLUMN {column} GENERATED ALWAYS AS ({text}) STORED",
        read=Read.COLUMN,
        of=table,
    )


def _index(_each: Index) -> Way:
    """The definition has no name: what is made has one, which is cut out again."""
    return Way(given=lambda text: text.replace("INDEX ON ", f"INDEX {NAME} ON ", 1), read=Read.INDEX)


def _view(_each: View) -> Way:
    return Way(given=lambda text: f"CREATE VIEW {SCHEMA}.{NAME} AS {text}", read=Read.VIEW)


def _policy(clause: str, read: Read) -> Callable[[Policy], Way]:
    def way(each: Policy) -> Way:
        table = str(each.table_identity)
        return Way(given=lambda text: f"CREATE POLICY {NAME} ON {table} {clause} ({text})", read=read, of=table)

    return way


def _trigger(each: Trigger) -> Way:
    kind = "CONSTRAINT TRIGGER" if each.constraint else "TRIGGER"
    return Way(given=lambda text: f"CREATE {kind} {NAME} {text}", read=Read.TRIGGER)


def _rule(_each: Rule) -> Way:
    return Way(given=lambda text: f"CREATE RULE {NAME} AS {text}", read=Read.RULE)


def _domain_default(each: Domain) -> Way:
    domain = each.identity
    return Way(given=lambda text: f"ALTER DOMAIN {domain} SET DEFAULT {text}", read=Read.DOMAIN_DEFAULT, of=domain)


def _domain_check(each: Domain) -> Way:
    domain = each.identity
    return Way(given=lambda text: f"ALTER DOMAIN {domain} ADD {text}", read=Read.DOMAIN_CHECK, of=domain)


def _partition_key(each: Table) -> Way:
    made = f"CREATE TABLE {SCHEMA}.{NAME} (LIKE {each.identity})"
    return Way(given=lambda text: f"{made} PARTITION BY {text}", read=Read.PARTITION_KEY)


def _statistics(each: StatisticsObject) -> Way:
    return Way(given=lambda text: _checking(each.table, text), read=Read.EXPRESSIONS)


def _row_filter(_each: Publication) -> Way:
    """The text begins with the table that the condition is about."""

    def given(text: str) -> str:
        table, _, condition = text.partition(" WHERE (")
        return _checking(table, f"({condition}")

    return Way(given=given, read=Read.ROW_FILTER)


def _checking(table: str, expressions: str) -> str:
    """Expressions over a table, as a check: that takes all which need no other table."""
    return f"ALTER TABLE {table} ADD CONSTRAINT {NAME} CHECK (ROW({expressions}) IS NULL)"


def _body(each: Routine) -> Way | None:
    """A body in standard SQL calls its parameters by the routine's name, so the copy has the same."""
    if each.language != "sql" or not each.body.startswith(("BEGIN ATOMIC", "RETURN ")):
        return None
    head = routine_head(each, qualified(SCHEMA, each.name))
    return Way(given=lambda text: f"CREATE {head} LANGUAGE sql {text}", read=Read.BODY)


def _parameters(each: Routine) -> Way:
    name = qualified(SCHEMA, each.name)
    return Way(
        given=lambda text: f"CREATE {routine_head(each, name, parameters=text)} LANGUAGE plpgsql AS ''",
        read=Read.PARAMETERS,
    )


_WAYS: dict[tuple[str, str], Callable[[Any], Way | None]] = {
    (Constraint.kind, "definition"): _constraint,
    (Column.kind, "default"): _default,
    (Column.kind, "generated"): _generated,
    (Index.kind, "definition"): _index,
    (View.kind, "definition"): _view,
    (ViewColumn.kind, "default"): _default,
    (Policy.kind, "using"): _policy("USING", Read.USING),
    (Policy.kind, "check"): _policy("WITH CHECK", Read.CHECK),
    (Trigger.kind, "definition"): _trigger,
    (Rule.kind, "definition"): _rule,
    (Domain.kind, "default"): _domain_default,
    (Domain.kind, "check"): _domain_check,
    (Table.kind, "partition_key"): _partition_key,
    (StatisticsObject.kind, "expressions"): _statistics,
    (Publication.kind, "row_filter"): _row_filter,
    (Routine.kind, "body"): _body,
    (Routine.kind, "parameters"): _parameters,
}
