"""DDL of the database, its settings, settings of roles in it, and large objects."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, nothing
from harness.core.model.catalog import Catalog
from harness.core.model.database import Database, DatabaseSetting, LargeObject, RoleSetting
from harness.core.names import literal, quote
from harness.core.plan import Hazard

_LISTS = frozenset(
    {
        "search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries",
        "shared_preload_libraries", "unix_socket_directories",
    }
)  # fmt: skip
"""Parameters that hold a list of names, each of which is quoted on its own"""


def _in_this_database(head: str, change: str) -> Statement:
    """A statement about the database that it runs in, whatever that is called: on a copy of the target too."""
    start = f"pg_catalog.format({literal(head + ' ')}, pg_catalog.current_database())"
    body = f"BEGIN EXECUTE {start} || {literal(change)}; END"
    tag = "do"
    while f"${tag}$" in body:
        tag += "o"
    return Statement(sql=f"DO ${tag}$ {body} ${tag}$;")


def _database_altered(_now: Database, wanted: Database, _attributes: frozenset[str], _sides: Sides) -> Made:
    return [_in_this_database("ALTER DATABASE %I", f"CONNECTION LIMIT {wanted.connection_limit}")]


def _head(each: DatabaseSetting | RoleSetting) -> str:
    if isinstance(each, DatabaseSetting):
        return "ALTER DATABASE %I"
    return f"ALTER ROLE {quote(each.role).replace('%', '%%')} IN DATABASE %I"


def _set(each: DatabaseSetting | RoleSetting, _catalog: Catalog) -> Made:
    """SET; nothing for a secret, whose value is not known, and for a role that the target's server lacks."""
    if each.secret or (isinstance(each, RoleSetting) and each.absent):
        return []
    return [_in_this_database(_head(each), f"SET {_parameter(each.name)} TO {_value(each.name, each.value)}")]


def _reset(each: DatabaseSetting | RoleSetting, _catalog: Catalog) -> Made:
    return [_in_this_database(_head(each), f"RESET {_parameter(each.name)}")]


def _set_again(
    _now: DatabaseSetting | RoleSetting,
    wanted: DatabaseSetting | RoleSetting,
    _attributes: frozenset[str],
    sides: Sides,
) -> Made:
    return _set(wanted, sides.source)


def _parameter(name: str) -> str:
    """Both parts of a parameter of the application's own are names."""
    return ".".join(quote(part) for part in name.split(".")) if "." in name else name


def _value(name: str, value: str) -> str:
    if name.lower() not in _LISTS:
        return literal(value)
    return ", ".join(literal(each) for each in _names(value)) or "''"


def _names(value: str) -> list[str]:
    """The names of a list as PostgreSQL keeps it: commas between, quotation marks where a name needs them."""
    names: list[str] = []
    position, text = 0, value.strip()
    while position < len(text):
        if text[position] == '"':
            end = position + 1
            while text[end : end + 1] != '"' or text[end : end + 2] == '""':
                if end >= len(text):
                    return [value]
                end += 2 if text[end : end + 2] == '""' else 1
            names.append(text[position + 1 : end].replace('""', '"'))
            position = end + 1
        else:
            end = text.find(",", position)
            end = len(text) if end < 0 else end
            names.append(text[position:end].strip())
            position = end
        while position < len(text) and text[position] in ", \t\n":
            position += 1
    return names


def _large_object_dropped(each: LargeObject, _catalog: Catalog) -> Made:
    sql = f"SELECT pg_catalog.lo_unlink({each.name});"
    return [Statement(sql=sql, hazards=(Hazard.DATA_LOSS,))]


_SETTING = Ddl(named=lambda each: each.identity, create=_set, drop=_reset, alter=_set_again, owned=False)

DDL: dict[str, Ddl] = {
    Database.kind: Ddl(
        named=lambda each: f"DATABASE {quote(each.name)}", create=nothing, drop=nothing, alter=_database_altered
    ),
    DatabaseSetting.kind: _SETTING,
    RoleSetting.kind: _SETTING,
    LargeObject.kind: Ddl(
        named=lambda each: f"LARGE OBJECT {each.name}",
        create=lambda each, _catalog: [Statement(sql=f"SELECT pg_catalog.lo_create({each.name});")],
        drop=_large_object_dropped,
        alter=nothing,
    ),
}
