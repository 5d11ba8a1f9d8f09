"""DDL of views, materialised views and their columns."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Ddl, Made, Sides, Statement, nothing
from harness.core.align.parameters import changes, with_clause
from harness.core.align.relations import replica_identity
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.model.relations import View
from harness.core.model.views import ViewColumn
from harness.core.names import qualified, quote
from harness.core.plan import Hazard

_ACCESS_METHOD_SINCE = 150000
_HEAP = "heap"
_QUERY = frozenset({"definition", "columns"})


def create_view(view: View, *, replace: bool = False, filled: bool | None = None) -> str:
    """CREATE VIEW or CREATE MATERIALIZED VIEW; `filled` says whether the latter runs its query, as on its side if not.

    `replace` is for a plain view of which CREATE OR REPLACE keeps all columns.
    """
    query = view.definition.strip().rstrip(";")
    options = with_clause(view.written_options or view.options)
    if not view.materialized:
        return f"CREATE {'OR REPLACE ' if replace else ''}VIEW {view.identity}{options} AS\n{query};"
    method = f" USING {quote(view.access_method)}" if view.access_method not in (None, _HEAP) else ""
    space = f" TABLESPACE {quote(view.tablespace)}" if view.tablespace else ""
    data = "" if (view.populated if filled is None else filled) else "\nWITH NO DATA"
    return f"CREATE MATERIALIZED VIEW {view.identity}{method}{options}{space} AS\n{query}{data};"


def drop_view(view: View) -> str:
    """DROP VIEW or DROP MATERIALIZED VIEW, without CASCADE, so that nothing goes that the plan does not name."""
    return f"DROP {_named(view)};"


def keeps_columns(now: View, wanted: View) -> bool:
    """Whether CREATE OR REPLACE VIEW takes it: every column keeps name, type and collation, new ones stand behind."""
    count = len(now.columns)
    return wanted.columns[:count] == now.columns and wanted.collations[:count] == now.collations


def _named(view: View) -> str:
    return f"{'MATERIALIZED VIEW' if view.materialized else 'VIEW'} {view.identity}"


def _create(view: View, _: Catalog) -> Made:
    # It is filled at the end, when all is there that its functions read.
    return [Statement(sql=create_view(view, filled=False))]


def typed_column(column: str, names: Iterable[str]) -> tuple[str, str]:
    """Name and type of a view's column, which stand beside each other; the names tell where one ends."""
    fitting = [name for name in names if column.startswith(f"{name} ")]
    name = max(fitting, key=len) if fitting else column.split(" ", 1)[0]
    return name, column[len(name) + 1 :]


def _sketch(view: View, catalog: Catalog) -> Made:
    """A view of the same columns that reads nothing, as pg_dump makes one to break a circle."""
    names = [each.name for each in catalog.view_columns if each.table_identity == view.identity]
    values: list[str] = []
    for column, collation in zip(view.columns, view.collations or ("",) * len(view.columns), strict=True):
        name, kind = typed_column(column, names)
        words = f" COLLATE {qualified(*collation.split('.', 1))}" if collation else ""
        values.append(f"    NULL::{kind}{words} AS {quote(name)}")
    head = f"CREATE OR REPLACE VIEW {view.identity} AS\nSELECT"
    return [Statement(sql=f"{head}\n" + ",\n".join(values) + ";" if values else f"{head};")]


def _drop(view: View, _: Catalog) -> Made:
    return [Statement(sql=drop_view(view))]


def _alter(now: View, wanted: View, attributes: frozenset[str], sides: Sides) -> Made | None:
    if "materialized" in attributes or (attributes & _QUERY and now.materialized):
        return None
    if attributes & _QUERY:
        return [Statement(sql=create_view(wanted, replace=True))] if keeps_columns(now, wanted) else None
    made: Made = []
    if "options" in attributes:
        lock = ACCESS_EXCLUSIVE if now.materialized else None
        there, asked = now.written_options or now.options, wanted.written_options or wanted.options
        made += (Statement(sql=f"ALTER {_named(now)} {change};", lock=lock) for change in changes(there, asked))
    if "access_method" in attributes:
        if sides.target.server.version_number < _ACCESS_METHOD_SINCE:
            return None
        made.append(_rewriting(now, f"SET ACCESS METHOD {quote(wanted.access_method or _HEAP)}"))
    if "tablespace" in attributes:
        made.append(_rewriting(now, f"SET TABLESPACE {quote(wanted.tablespace or 'pg_default')}"))
    if "populated" in attributes:
        made += _refreshed(wanted, sides.source) if wanted.populated else [_refresh(wanted, filled=False)]
    if "replica_identity" in attributes:
        made.append(_identified(wanted))
    return made


def _rewriting(view: View, clause: str) -> Statement:
    return Statement(
        sql=f"ALTER {_named(view)} {clause};", lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK, Hazard.REWRITE)
    )


def _refresh(view: View, *, filled: bool) -> Statement:
    sql = f"REFRESH MATERIALIZED VIEW {view.identity}{'' if filled else ' WITH NO DATA'};"
    return Statement(sql=sql, lock=ACCESS_EXCLUSIVE)


def _refreshed(view: View, catalog: Catalog) -> Made:
    """REFRESH; a materialised view below that was emptied after this one had been filled is filled for the moment."""
    views = {each.identity: each for each in catalog.views}
    empty: dict[str, View] = {}

    def look(each: View, seen: frozenset[str]) -> None:
        for identity in each.depends_on:
            below = views.get(identity)
            if below is None or identity in seen or identity in empty:
                continue
            look(below, seen | {identity})
            if below.materialized and not below.populated:
                empty[identity] = below

    look(view, frozenset({view.identity}))
    return [
        *(_refresh(each, filled=True) for each in empty.values()),
        _refresh(view, filled=True),
        *(_refresh(each, filled=False) for each in reversed(empty.values())),
    ]


def _identified(view: View) -> Statement:
    return Statement(sql=replica_identity(view), lock=ACCESS_EXCLUSIVE)


def _afterwards(view: View, catalog: Catalog) -> Made:
    if not view.materialized:
        return []
    made = _refreshed(view, catalog) if view.populated else []
    if view.replica_identity != "default":
        made.append(_identified(view))
    return made


# Columns.


def _column_clauses(now: ViewColumn | None, wanted: ViewColumn) -> list[str]:
    """What ALTER COLUMN says, to get from `now`, or from what CREATE gives, to `wanted`."""
    now = now or ViewColumn(schema=wanted.schema, table=wanted.table, name=wanted.name)
    clauses: list[str] = []
    if now.default != wanted.default:
        clauses.append("DROP DEFAULT" if wanted.default is None else f"SET DEFAULT {wanted.default}")
    if now.storage != wanted.storage:
        clauses.append(f"SET STORAGE {(wanted.storage or wanted.type_storage).upper()}")
    if now.compression != wanted.compression:
        clauses.append(f"SET COMPRESSION {wanted.compression or 'default'}")
    if now.statistics != wanted.statistics:
        clauses.append(f"SET STATISTICS {-1 if wanted.statistics is None else wanted.statistics}")
    return [*clauses, *changes(now.options, wanted.options)]


def _column(now: ViewColumn | None, wanted: ViewColumn) -> Made:
    kind = "MATERIALIZED VIEW" if wanted.of_materialized else "VIEW"
    return [
        Statement(sql=f"ALTER {kind} {wanted.table_identity} ALTER COLUMN {quote(wanted.name)} {clause};")
        for clause in _column_clauses(now, wanted)
    ]


def _new_column(column: ViewColumn, _: Catalog) -> Made:
    return _column(None, column)


def _alter_column(now: ViewColumn, wanted: ViewColumn, _attributes: frozenset[str], _sides: Sides) -> Made:
    return _column(now, wanted)


def _comes_with_its_view(column: ViewColumn, _: Catalog) -> tuple[Address, ...]:
    return column.part_of


DDL: dict[str, Ddl] = {
    View.kind: Ddl(named=_named, create=_create, drop=_drop, alter=_alter, afterwards=_afterwards, sketch=_sketch),
    ViewColumn.kind: Ddl(
        named=lambda column: f"COLUMN {column.identity}",
        # One that stands behind those of a view which is replaced is there as soon as the view is.
        create=_new_column,
        complete=_new_column,
        drop=nothing,
        alter=_alter_column,
        comes_with=_comes_with_its_view,
        owned=False,
    ),
}
