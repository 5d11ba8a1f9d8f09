"""DDL of privileges, default privileges and security labels: GRANT, REVOKE and their like."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement
from harness.core.model.catalog import Catalog
from harness.core.model.database import THIS
from harness.core.model.objects import CatalogObject
from harness.core.model.privileges import COLUMN, PUBLIC, TYPES, DefaultPrivilege, Privilege, SecurityLabel
from harness.core.names import literal, quote, split
from harness.core.owners import owner_in_plan

_WORDS = {
    "table": "TABLE", "view": "TABLE", "foreign table": "TABLE", "sequence": "SEQUENCE", "routine": "ROUTINE",
    "aggregate": "ROUTINE", "schema": "SCHEMA", "language": "LANGUAGE", "large object": "LARGE OBJECT",
    "foreign data wrapper": "FOREIGN DATA WRAPPER", "foreign server": "FOREIGN SERVER", "database": "DATABASE",
    **dict.fromkeys(TYPES, "TYPE"),
}  # fmt: skip
_DEFAULT_OF = {
    "table": "tables", "view": "tables", "foreign table": "tables", "sequence": "sequences", "routine": "functions",
    "aggregate": "functions", "schema": "schemas", "large object": "large objects", **dict.fromkeys(TYPES, "types"),
}  # fmt: skip
"""What ALTER DEFAULT PRIVILEGES calls the kinds of objects"""
_PUBLIC_BY_ITSELF = {"functions": "EXECUTE", "types": "USAGE"}
"""What everybody gets on a new object"""


def named_on(object_kind: str, identity: str, relation: str, catalog: Catalog) -> str:
    """The object as GRANT names it; the database by the name that the catalog has for it."""
    if object_kind == COLUMN:
        return f"TABLE {relation}"
    if object_kind == "database":
        return f"DATABASE {quote(_database(catalog))}"
    return f"{_WORDS[object_kind]} {identity}"


def _database(catalog: Catalog) -> str:
    return next((each.name for each in catalog.databases), catalog.server.database)


def _role(name: str) -> str:
    return name if name == PUBLIC else quote(name)


def _grant(privilege: str, on: str, role: str, *, option: bool = False, columns: str = "") -> Statement:
    what = f"{privilege} ({columns})" if columns else privilege
    return Statement(sql=f"GRANT {what} ON {on} TO {_role(role)}{' WITH GRANT OPTION' if option else ''};")


def _revoke(
    privilege: str, on: str, role: str, *, option: bool = False, columns: str = "", cascade: bool = False
) -> Statement:
    what = f"{privilege} ({columns})" if columns else privilege
    head = "REVOKE GRANT OPTION FOR" if option else "REVOKE"
    return Statement(sql=f"{head} {what} ON {on} FROM {_role(role)}{' CASCADE' if cascade else ''};")


def _column(each: Privilege) -> str:
    return quote(split(each.object)[-1]) if each.object_kind == COLUMN else ""


def _privilege_created(each: Privilege, catalog: Catalog) -> Made:
    if not each.role:
        return []
    on = named_on(each.object_kind, each.object, each.relation, catalog)
    return [_grant(each.privilege, on, each.role, option=each.with_grant_option, columns=_column(each))]


def _privilege_dropped(each: Privilege, catalog: Catalog) -> Made:
    return _taken(each, catalog, option=False)


def _privilege_altered(now: Privilege, wanted: Privilege, _attributes: frozenset[str], sides: Sides) -> Made:
    if wanted.with_grant_option:
        return _privilege_created(wanted, sides.source)
    return _taken(now, sides.target, option=True)


def _taken(each: Privilege, catalog: Catalog, *, option: bool) -> Made:
    """REVOKE, also of what others than the owner gave, and again what goes along and has to stay."""
    if not each.role:
        return []
    on = named_on(each.object_kind, each.object, each.relation, catalog)
    revoke = _revoke(
        each.privilege, on, each.role, option=option, columns=_column(each), cascade=each.with_grant_option
    )
    made = [revoke]
    for grantor in each.grantors:
        made += [Statement(sql=f"SET ROLE {quote(grantor)};"), revoke, Statement(sql="RESET ROLE;")]
    for column, role, with_option in each.restored:
        columns = quote(split(column)[-1]) if column else _column(each)
        made.append(_grant(each.privilege, on, role, option=with_option, columns=columns))
    return made


def reset(each: CatalogObject, sides: Sides) -> Made:
    """What brings a freshly created object of the source to the built-in defaults, less what the source took away.

    The role that runs the plan may have default privileges on the target: what they give and the source has not is
    revoked, what they withhold from everybody and the source has is granted. What the source grants beyond the defaults
    are objects of their own, which the plan creates behind this.
    """
    kind = _DEFAULT_OF.get(each.kind)
    if kind is None and each.kind not in _WORDS:
        return []
    here = sides.source.privileges_by_object.get(each.address, ())
    on = named_on(each.kind, each.identity, "", sides.source)
    wanted = {(own.holder, own.privilege): own for own in here if not own.revoked and own.object_kind == each.kind}
    made: Made = []
    owner = owner_in_plan(getattr(each, "owner", ""), sides.source, sides.target)
    for given in _given(each, kind, sides.target):
        if given.grantee in (given.creator, owner) or given.revoked:
            continue
        kept = wanted.get((given.grantee, given.privilege))
        if kept is None:
            made.append(_revoke(given.privilege, on, given.grantee))
        elif given.with_grant_option and not kept.with_grant_option:
            made.append(_revoke(given.privilege, on, given.grantee, option=True))
    taken = {(own.holder, own.privilege) for own in here if own.revoked}
    withheld = {(given.grantee, given.privilege) for given in _given(each, kind, sides.target) if given.revoked}
    everybody = (PUBLIC, _PUBLIC_BY_ITSELF.get(kind or "", ""))
    if everybody in withheld and everybody not in taken:
        made.append(_grant(everybody[1], on, PUBLIC))
    for own in here:
        if own.revoked and own.object_kind == each.kind and own.role:
            made.append(_revoke(own.privilege, on, own.role))
    return made


def _given(each: CatalogObject, kind: str | None, target: Catalog) -> Iterator[DefaultPrivilege]:
    """The default privileges on the target of the role that runs the plan; of all roles where it is not known."""
    reader, schema = target.server.reader, getattr(each, "schema", "")
    for given in target.default_privileges:
        if given.object_type == kind and given.in_schema in ("", schema) and reader in ("", given.creator):
            yield given


def _default(each: DefaultPrivilege, change: str) -> Made:
    if each.absent:
        return []
    schema = f" IN SCHEMA {quote(each.in_schema)}" if each.in_schema else ""
    head = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(each.creator)}{schema}"
    return [Statement(sql=f"{head} {change};")]


def _default_created(each: DefaultPrivilege, _catalog: Catalog) -> Made:
    option = " WITH GRANT OPTION" if each.with_grant_option else ""
    what = f"{each.privilege} ON {each.object_type.upper()}"
    return _default(each, f"GRANT {what} TO {_role(each.grantee)}{option}")


def _default_dropped(each: DefaultPrivilege, _catalog: Catalog) -> Made:
    return _default(each, f"REVOKE {each.privilege} ON {each.object_type.upper()} FROM {_role(each.grantee)}")


def _default_altered(
    now: DefaultPrivilege, wanted: DefaultPrivilege, _attributes: frozenset[str], sides: Sides
) -> Made:
    if wanted.with_grant_option:
        return _default_created(wanted, sides.source)
    what = f"{now.privilege} ON {now.object_type.upper()}"
    return _default(now, f"REVOKE GRANT OPTION FOR {what} FROM {_role(now.grantee)}")


def _label(each: SecurityLabel, value: str | None) -> Made:
    on = quote(each.database) if each.object == THIS else each.object
    text = "NULL" if value is None else literal(value)
    return [Statement(sql=f"SECURITY LABEL FOR {quote(each.provider)} ON {each.object_kind.upper()} {on} IS {text};")]


DDL: dict[str, Ddl] = {
    Privilege.kind: Ddl(
        named=lambda each: each.identity,
        create=_privilege_created,
        drop=_privilege_dropped,
        alter=_privilege_altered,
        owned=False,
    ),
    DefaultPrivilege.kind: Ddl(
        named=lambda each: each.identity,
        create=_default_created,
        drop=_default_dropped,
        alter=_default_altered,
        owned=False,
    ),
    SecurityLabel.kind: Ddl(
        named=lambda each: each.identity,
        create=lambda each, _catalog: _label(each, each.label),
        drop=lambda each, _catalog: _label(each, None),
        alter=lambda _now, wanted, _attributes, _sides: _label(wanted, wanted.label),
        owned=False,
    ),
}
