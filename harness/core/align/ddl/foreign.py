"""DDL of foreign data wrappers, foreign servers, user mappings and foreign tables; secret options are never in it."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Ddl, Made, Sides, Statement, plain_drop
from harness.core.align.relations import column_definition, partition_attached, partition_detached
from harness.core.model.catalog import Catalog
from harness.core.model.foreign import ForeignDataWrapper, ForeignServer, ForeignTable, UserMapping, secret
from harness.core.names import literal, quote


def option(told: str) -> str:
    """name 'value' from name=value."""
    name, _, value = told.partition("=")
    return f"{quote(name)} {literal(value)}"


def options(told: Iterable[str]) -> str:
    """An OPTIONS clause with a blank before it; nothing for no options."""
    known = [option(each) for each in told if not secret(each)]
    return f" OPTIONS ({', '.join(known)})" if known else ""


def changed_options(now: Iterable[str], wanted: Iterable[str]) -> str:
    """The OPTIONS clause that makes one list of the other, with a blank before it; nothing where nothing is to do."""
    theirs = dict(each.partition("=")[::2] for each in now)
    ours = dict(each.partition("=")[::2] for each in wanted)
    clauses = [f"DROP {quote(name)}" for name in theirs if name not in ours]
    clauses += [
        f"{'SET' if name in theirs else 'ADD'} {quote(name)} {literal(value)}"
        for name, value in ours.items()
        if theirs.get(name) != value and not secret(f"{name}={value}")
    ]
    return f" OPTIONS ({', '.join(clauses)})" if clauses else ""


def _wrapper_named(each: ForeignDataWrapper) -> str:
    return f"FOREIGN DATA WRAPPER {quote(each.name)}"


def _create_wrapper(each: ForeignDataWrapper, _: Catalog) -> Made:
    functions = "".join(
        f" {name.upper()} {value}" for name in ("handler", "validator") if (value := getattr(each, name))
    )
    return [Statement(sql=f"CREATE {_wrapper_named(each)}{functions}{options(each.options)};")]


def _alter_wrapper(now: ForeignDataWrapper, wanted: ForeignDataWrapper, attributes: frozenset[str], _: Sides) -> Made:
    clauses = ""
    for name in ("handler", "validator"):
        if name in attributes:
            value = getattr(wanted, name)
            clauses += f" NO {name.upper()}" if value is None else f" {name.upper()} {value}"
    if "options" in attributes:
        clauses += changed_options(now.options, wanted.options)
    return [Statement(sql=f"ALTER {_wrapper_named(now)}{clauses};")] if clauses else []


def _server_named(each: ForeignServer) -> str:
    return f"SERVER {quote(each.name)}"


def _create_server(each: ForeignServer, _: Catalog) -> Made:
    words = f"CREATE {_server_named(each)}"
    words += "".join(
        f" {name.upper()} {literal(value)}"
        for name in ("type", "version")
        if (value := getattr(each, name)) is not None
    )
    words += f" FOREIGN DATA WRAPPER {quote(each.foreign_data_wrapper)}{options(each.options)}"
    return [Statement(sql=f"{words};")]


def _drop_server(each: ForeignServer, catalog: Catalog) -> Made:
    """With its user mappings, which it does not take along."""
    mappings = [mapping for mapping in catalog.user_mappings if mapping.server == each.name]
    return [
        *(Statement(sql=f"DROP {_mapping_named(mapping)};") for mapping in mappings),
        Statement(sql=f"DROP {_server_named(each)};"),
    ]


def _alter_server(now: ForeignServer, wanted: ForeignServer, attributes: frozenset[str], _: Sides) -> Made | None:
    """Type and wrapper are for life."""
    if attributes & {"type", "foreign_data_wrapper"}:
        return None
    clauses = ""
    if "version" in attributes:
        clauses += f" VERSION {'NULL' if wanted.version is None else literal(wanted.version)}"
    if "options" in attributes:
        clauses += changed_options(now.options, wanted.options)
    return [Statement(sql=f"ALTER {_server_named(now)}{clauses};")] if clauses else []


def _mapping_named(each: UserMapping) -> str:
    return f"USER MAPPING FOR {quote(each.user) if each.user else 'PUBLIC'} SERVER {quote(each.server)}"


def _create_mapping(each: UserMapping, _: Catalog) -> Made:
    return [Statement(sql=f"CREATE {_mapping_named(each)}{options(each.options or ())};")]


def _alter_mapping(now: UserMapping, wanted: UserMapping, _: frozenset[str], __: Sides) -> Made:
    clauses = changed_options(now.options or (), wanted.options or ())
    return [Statement(sql=f"ALTER {_mapping_named(now)}{clauses};")] if clauses else []


def _table_named(each: ForeignTable) -> str:
    return f"FOREIGN TABLE {each.identity}"


def _create_table(each: ForeignTable, catalog: Catalog) -> Made:
    columns = [
        f"    {column_definition(column, catalog)}"
        for column in catalog.columns_by_table.get(each.identity, ())
        if not (each.inherits and column.inherited)
    ]
    words = f"CREATE {_table_named(each)} (\n" + ",\n".join(columns) + "\n)"
    if each.inherits:
        words += f" INHERITS ({', '.join(each.inherits)})"
    made = [Statement(sql=f"{words} SERVER {quote(each.server)}{options(each.options)};")]
    return [*made, *_attached(each)]


def _attached(each: ForeignTable) -> Made:
    if each.partition_of is None:
        return []
    return [Statement(sql=partition_attached(each.identity, each.partition_of), lock=ACCESS_EXCLUSIVE)]


def _alter_table(now: ForeignTable, wanted: ForeignTable, attributes: frozenset[str], sides: Sides) -> Made | None:
    """Its server is for life; no row is lost when it is made again, for it has none of its own."""
    columns = sides.source.columns_by_table.get(wanted.identity, ())
    # INHERIT leaves a column that is there the table's own as well.
    if "server" in attributes or ("inherits" in attributes and any(each.local is False for each in columns)):
        return None
    made: Made = []
    clauses = changed_options(now.options, wanted.options)
    if clauses:
        made.append(Statement(sql=f"ALTER {_table_named(now)}{clauses};", lock=ACCESS_EXCLUSIVE))
    if "partition_of" in attributes and now.partition_of is not None:
        made.append(Statement(sql=partition_detached(now.identity, now.partition_of), lock=ACCESS_EXCLUSIVE))
    gone = [parent for parent in now.inherits if parent not in wanted.inherits]
    new = [parent for parent in wanted.inherits if parent not in now.inherits]
    for word, parents in (("NO INHERIT", gone), ("INHERIT", new)):
        made += [
            Statement(sql=f"ALTER {_table_named(now)} {word} {parent};", lock=ACCESS_EXCLUSIVE) for parent in parents
        ]
    if "partition_of" in attributes:
        made += _attached(wanted)
    return made


DDL: dict[str, Ddl] = {
    ForeignDataWrapper.kind: Ddl(
        named=_wrapper_named, create=_create_wrapper, drop=plain_drop(_wrapper_named), alter=_alter_wrapper
    ),
    ForeignServer.kind: Ddl(named=_server_named, create=_create_server, drop=_drop_server, alter=_alter_server),
    UserMapping.kind: Ddl(
        named=_mapping_named, create=_create_mapping, drop=plain_drop(_mapping_named), alter=_alter_mapping, owned=False
    ),
    ForeignTable.kind: Ddl(
        named=_table_named,
        create=_create_table,
        drop=plain_drop(_table_named, lock=ACCESS_EXCLUSIVE),
        alter=_alter_table,
    ),
}
