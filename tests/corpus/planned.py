"""Both ways of a case under the exact plan: what is not as it has to be after real psql has run the plan."""

from __future__ import annotations

import contextlib
import subprocess
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from harness.core.align.exact.plan import exact_plan
from harness.core.change import Change
from harness.core.configuration import Configuration
from harness.core.diff import compare
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.plan import Plan
from harness.embedded.server import Server
from harness.errors import PgparityError
from harness.render.plan import plan_sql
from harness.stages.diff import diff_stage
from tests.corpus.cases import Case
from tests.corpus.databases import catalog, drop, load, settling
from tests.corpus.oracle import differences, dumped, program

DIRECTIONS = ("there", "back")
"""The target becomes the source, and the source becomes the target"""
LONGEST = 60.0
"""Seconds that psql may take for one plan"""
REFUSED = ("22001", "22003", "22007", "22023", "22P02", "23502", "23503", "23505", "23514", "23P01")
"""SQLSTATEs of what rows refuse"""


LEFT = {
    ("large object", "content"): "its bytes are data: they are told, and come with the rows",
    ("extension", "version"): "extensions know the way to newer versions alone",
    ("index", "valid"): "the source's index is broken, and pg_dump leaves it out: nobody breaks the target's as well",
}
"""Attributes that a plan may leave as they are where it says so, with the reason"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is in a table: the values of each column that is not generated, by name and type; under no name, how many
    rows."""

    values: dict[str, Counter[str]] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()
    """Of a partitioned table too, which has no values itself"""
    root: str | None = None
    """The partitioned table that it is a partition of"""


@dataclass(frozen=True, slots=True)
class State:
    """A database before or after its plan: DSN, catalog, dump and rows."""

    dsn: str
    catalog: Catalog
    dump: frozenset[str]
    rows: dict[str, Rows]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of a case: the plan's text, and what went wrong, in words; nothing where all is well."""

    plan: str = ""
    faults: tuple[str, ...] = ()


def both_ways(server: Server, case: Case, *, refusable: bool = False) -> dict[str, Outcome]:
    """Make either side equal to the other as it was, and say what is not right afterwards.

    `refusable`: rows may refuse a plan, where one of its prechecks finds some.
    """
    names = [f"plans_{zlib.crc32(case.name.encode()):08x}_{side}" for side in ("source", "target")]
    rows = () if case.rows is None else (case.rows,)
    try:
        loaded = [load(server, name, text, *rows) for name, text in zip(names, (case.source, case.target), strict=True)]
        source, target = (_state(dsn) for dsn in loaded)
        return {
            direction: _proved(server, wanted, now, case, refusable)
            for direction, wanted, now in zip(DIRECTIONS, (source, target), (target, source), strict=True)
        }
    finally:
        for name in names:
            drop(server, name)


def _proved(server: Server, wanted: State, now: State, case: Case, refusable: bool) -> Outcome:
    try:
        comparison = compare(wanted.catalog, now.catalog, settle=settling(server, wanted.catalog, now.catalog))
        made = exact_plan(comparison.source, comparison.target, comparison.differences)
        plan = plan_sql(made)
    except (PgparityError, LookupError, TypeError, ValueError, AttributeError) as error:
        # Told of one way, and the other one is tried all the same.
        return Outcome(faults=(f"no plan: {type(error).__name__}: {error}",))
    # Asked before: a plan of several transactions that fails has done a part of its work.
    warned = refusable and _finds_rows(now.dsn, made)
    failure = run(now.dsn, plan)
    if failure:
        said = warned and any(f" {state}: " in failure for state in REFUSED)
        return Outcome(plan, () if said else (f"psql: {failure}",))
    after = _state(now.dsn)
    settle = settling(server, wanted.catalog, after.catalog)
    changes = diff_stage(wanted.catalog, after.catalog, Configuration(), settle=settle).artifact.changes
    left = [each for each in changes if (each.kind, each.attribute) in LEFT and _says(made.not_covered, each)]
    faults = [
        f"diff: {each.change} {each.kind} {each.identity} {each.attribute or ''}".rstrip()
        for each in changes
        if each not in left
    ]
    if case.changes:
        # Of a pair that means the same pg_dump prints both ways of writing it.
        indexes = tuple(f"+ INDEX {_of_schema(each.identity)}: " for each in left if each.kind == "index")
        faults += (f"pg_dump: {line}" for line in differences(wanted.dump, after.dump) if not line.startswith(indexes))
    if not case.loss:
        faults += (f"rows: {each}" for each in _lost(now.rows, after.rows))
    return Outcome(plan, tuple(faults))


def _finds_rows(dsn: str, plan: Plan) -> bool:
    """Whether a precheck finds rows; one that speaks of what is not there yet finds none."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = ''")
        for check in (check for step in plan.steps for check in step.prechecks):
            with contextlib.suppress(psycopg.Error):
                if connection.execute(check.sql.encode()).fetchone() != (0,):
                    return True
    return False


def _says(lines: Iterable[str], each: Change) -> bool:
    return any(line.startswith(f"{each.kind} {each.identity}") for line in lines)


def _of_schema(identity: str) -> str:
    """schema.index, as pg_dump names it, from schema.table.index."""
    schema, _, name = split(identity)
    return f"{schema}.{name}"


def run(dsn: str, plan: str) -> str:
    """Run a plan with psql as a user would; the first error, or nothing."""
    command = [str(program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-f", "-", dsn]
    done = subprocess.run(command, input=plan, capture_output=True, text=True, check=False, timeout=LONGEST)
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
    return (errors or done.stderr.splitlines() or ["it failed"])[0] if done.returncode else ""


def _state(dsn: str) -> State:
    return State(dsn=dsn, catalog=catalog(dsn), dump=dumped(dsn), rows=_rows(dsn))


_TABLES = """
SELECT c.oid::regclass::text, n.nspname, c.relname, c.relkind = 'p',
  CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::regclass::text END,
  array(SELECT (a.attname || ' ' || format_type(a.atttypid, a.atttypmod)) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attname),
  array(SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attname),
  array(SELECT t.typtype IN ('c', 'd') OR t.typcategory = 'A' FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def _rows(dsn: str) -> dict[str, Rows]:
    """What is in each table itself: a partitioned table has no rows of its own."""
    found: dict[str, Rows] = {}
    with psycopg.connect(dsn) as connection:
        connection.execute("SET search_path = ''")
        for label, schema, table, partitioned, root, typed, columns, composite in connection.execute(_TABLES):
            found[label] = Rows(columns=frozenset({"", *typed}), root=root)
            if partitioned:
                continue
            relation = sql.Identifier(schema, table)
            counted = connection.execute(sql.SQL("SELECT count(*) FROM ONLY {}").format(relation)).fetchall()
            found[label].values[""] = Counter({"rows": counted[0][0]})
            for name, column, of_attributes in zip(typed, columns, composite, strict=True):
                # The attributes of a composite value by name, in whatever order they are, without those that are new.
                value = sql.SQL("jsonb_strip_nulls(to_jsonb({}))::text" if of_attributes else "{}::text").format(
                    sql.Identifier(column)
                )
                values = connection.execute(sql.SQL("SELECT {} FROM ONLY {}").format(value, relation)).fetchall()
                found[label].values[name] = Counter(str(each) for (each,) in values)
    return found


def _lost(before: dict[str, Rows], after: dict[str, Rows]) -> list[str]:
    """Tables and columns whose values are neither where they were nor in another table that got them."""
    gone: dict[str, Counter[str]] = defaultdict(Counter)
    come: dict[str, Counter[str]] = defaultdict(Counter)
    extra: dict[str, Counter[str]] = defaultdict(Counter)
    for label in {*before, *after}:
        was, now = before.get(label, Rows()).values, after.get(label, Rows()).values
        # What a partition held that is gone is elsewhere in the partitioned table, as far as that has the columns.
        there = label if label in after else (before[label].root or "")
        for name in {*was, *now}:
            former, here = was.get(name, Counter()), now.get(name, Counter())
            if there in after and name in after[there].columns:
                gone[name] += former - here
            if label not in before or not was:
                come[name] += here
            elif name in was:
                extra[name] += here - former
    return [
        f"{name or 'rows'}: {sum((gone[name] - come[name] - extra[name]).values())} lost,"
        f" {sum((extra[name] - gone[name]).values())} too many"
        for name in sorted({*gone, *extra})
        if gone[name] - come[name] - extra[name] or extra[name] - gone[name]
    ]
