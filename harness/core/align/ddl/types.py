"""DDL of enum types and domains."""

# ruff: noqa: S608 -- every name and constant goes through core.names or is a deparsed expression

from __future__ import annotations

from harness.core.align import programs
from harness.core.align.ddl.kind import SHARE, Ddl, Made, Sides, Statement, nothing
from harness.core.align.ddl.stored_types import wrapped
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.model.types import TYPE, Domain, DomainConstraint, Enum, TypePart
from harness.core.names import literal, quote
from harness.core.plan import Hazard, Precheck


def comes_with_type(each: TypePart, _catalog: Catalog) -> tuple[Address, ...]:
    """A part of a type is made and dropped by the type's own statements."""
    return ((TYPE, each.type_identity),)


def drop_type(each: object, _catalog: Catalog) -> Made:
    """DROP TYPE."""
    return [Statement(sql=f"DROP TYPE {each.identity};")]  # type: ignore[attr-defined]


def _create_enum(each: Enum, _catalog: Catalog) -> Made:
    return [Statement(sql=programs.create_enum(each))]


def _alter_enum(now: Enum, wanted: Enum, _attributes: frozenset[str], _sides: Sides) -> Made | None:
    statements = programs.add_labels(wanted, now)
    return None if statements is None else [Statement(sql=sql, transactional=False) for sql in statements]


def _create_domain(each: Domain, catalog: Catalog) -> Made:
    """CREATE DOMAIN; what is not valid cannot be said there."""
    words = [f"CREATE DOMAIN {each.identity} AS {each.type}"]
    if each.collation:
        words.append(f"COLLATE {each.collation}")
    if each.default is not None:
        words.append(f"DEFAULT {each.default}")
    if each.not_null:
        words.append(f"CONSTRAINT {quote(each.not_null_name)} NOT NULL" if each.not_null_name else "NOT NULL")
    later: Made = []
    for rule in _checks(each, catalog).values():
        if rule.validated:
            words.append(f"CONSTRAINT {quote(rule.name)} {rule.definition}")
        else:
            later.append(_add(rule))
    return [Statement(sql="\n    ".join(words) + ";"), *later]


def _drop_domain(each: Domain, _catalog: Catalog) -> Made:
    return [Statement(sql=f"DROP DOMAIN {each.identity};")]


def _alter_domain(now: Domain, wanted: Domain, attributes: frozenset[str], sides: Sides) -> Made | None:
    """All but the type and the collation, which ALTER DOMAIN does not know."""
    if attributes & {"type", "collation"}:
        return None
    # PostgreSQL proves a rule on columns of the domain, and refuses it where the values are inside of others.
    if wrapped(now, sides.target) and _proves(now, wanted, attributes, sides):
        return None
    head = f"ALTER DOMAIN {wanted.identity}"
    made: Made = []
    if "check" in attributes:
        made += _altered_checks(wanted, _checks(now, sides.target), _checks(wanted, sides.source), sides.target)
    if "default" in attributes:
        change = "DROP DEFAULT" if wanted.default is None else f"SET DEFAULT {wanted.default}"
        made.append(Statement(sql=f"{head} {change};"))
    if "not_null" in attributes and not wanted.not_null:
        made.append(Statement(sql=f"{head} DROP NOT NULL;"))
    elif "not_null" in attributes:
        change = f"ADD CONSTRAINT {quote(wanted.not_null_name)} NOT NULL" if wanted.not_null_name else "SET NOT NULL"
        made.append(_proved(f"{head} {change};", wanted.identity, "VALUE IS NOT NULL", sides.target))
    elif "not_null_name" in attributes:
        made += _renamed_not_null(now, wanted, sides)
    return made


def _proves(now: Domain, wanted: Domain, attributes: frozenset[str], sides: Sides) -> bool:
    if "not_null" in attributes and wanted.not_null:
        return True
    there = [(rule.definition, rule.validated) for rule in _checks(now, sides.target).values()]
    return "check" in attributes and any(
        rule.validated and (rule.definition, True) not in there for rule in _checks(wanted, sides.source).values()
    )


def _renamed_not_null(now: Domain, wanted: Domain, sides: Sides) -> Made:
    old = next((each.name for each in _constraints(now, sides.target) if each.type == "not null"), None)
    new = next((each.name for each in _constraints(wanted, sides.source) if each.type == "not null"), None)
    if old is None or new is None:
        return []
    return [Statement(sql=f"ALTER DOMAIN {now.identity} RENAME CONSTRAINT {quote(old)} TO {quote(new)};")]


def _altered_checks(
    wanted: Domain, now: dict[str, DomainConstraint], then: dict[str, DomainConstraint], target: Catalog
) -> Made:
    """Renamed where only the name differs, validated where only that is missing, dropped and added otherwise."""
    head = f"ALTER DOMAIN {wanted.identity}"
    going = {name: rule for name, rule in now.items() if not _kept(rule, then.get(name))}
    coming = {name: rule for name, rule in then.items() if name not in now or name in going}
    renamed: Made = []
    for name, rule in list(going.items()):
        twin = next((each for each in coming.values() if each.name not in now and _kept(rule, each)), None)
        if twin is not None:
            renamed.append(Statement(sql=f"{head} RENAME CONSTRAINT {quote(name)} TO {quote(twin.name)};"))
            if twin.validated and not rule.validated:
                renamed.append(_validated(head, twin, target))
            del going[name], coming[twin.name]
    made = [Statement(sql=f"{head} DROP CONSTRAINT {quote(name)};") for name in going] + renamed
    for name, rule in then.items():
        if name in coming:
            made.append(_add(rule, target))
            if rule.comment is not None and name in now:
                text = f"COMMENT ON {_named_constraint(rule)} IS {literal(rule.comment)};"
                made.append(Statement(sql=text))
        elif name in now and rule.validated and not now[name].validated:
            made.append(_validated(head, rule, target))
    return made


def _kept(now: DomainConstraint, then: DomainConstraint | None) -> bool:
    """Whether the rule that is there becomes the wanted one without being added again."""
    return (
        then is not None
        and now.definition.removesuffix(" NOT VALID") == then.definition.removesuffix(" NOT VALID")
        and not (now.validated and not then.validated)
    )


def _add(rule: DomainConstraint, target: Catalog | None = None) -> Statement:
    definition = rule.definition.removesuffix(" NOT VALID")
    sql = f"ALTER DOMAIN {rule.type_identity} ADD CONSTRAINT {quote(rule.name)} {definition}"
    if not rule.validated:
        return Statement(sql=f"{sql} NOT VALID;")
    if target is None:
        return Statement(sql=f"{sql};")
    return _proved(f"{sql};", rule.type_identity, definition.removeprefix("CHECK "), target)


def _validated(head: str, rule: DomainConstraint, target: Catalog) -> Statement:
    condition = rule.definition.removesuffix(" NOT VALID").removeprefix("CHECK ")
    return _proved(f"{head} VALIDATE CONSTRAINT {quote(rule.name)};", rule.type_identity, condition, target)


def _proved(sql: str, domain: str, condition: str, target: Catalog) -> Statement:
    """A statement that reads every column of the domain and stops their writers meanwhile."""
    columns = [column for column in target.columns if column.type == domain and column.generated_kind != "virtual"]
    checks = tuple(
        Precheck(
            text=f"values of {column.identity} that fail {condition}",
            sql=f"SELECT count(*) FROM (SELECT {quote(column.name)} AS value FROM {column.table_identity}) AS held"
            f" WHERE NOT ({condition})",
        )
        for column in columns
    )
    if not columns:
        return Statement(sql=sql)
    return Statement(sql=sql, lock=SHARE, hazards=(Hazard.LOCK,), prechecks=checks)


def _constraints(each: Domain, catalog: Catalog) -> list[DomainConstraint]:
    return [rule for rule in catalog.domain_constraints if rule.type_identity == each.identity]


def _checks(each: Domain, catalog: Catalog) -> dict[str, DomainConstraint]:
    return {rule.name: rule for rule in _constraints(each, catalog) if rule.type == "check"}


def _named_constraint(each: DomainConstraint) -> str:
    return f"CONSTRAINT {quote(each.name)} ON DOMAIN {each.type_identity}"


DDL: dict[str, Ddl] = {
    Enum.kind: Ddl(named=lambda each: f"TYPE {each.identity}", create=_create_enum, drop=drop_type, alter=_alter_enum),
    Domain.kind: Ddl(
        named=lambda each: f"DOMAIN {each.identity}", create=_create_domain, drop=_drop_domain, alter=_alter_domain
    ),
    DomainConstraint.kind: Ddl(
        named=_named_constraint, create=nothing, drop=nothing, comes_with=comes_with_type, owned=False
    ),
}
"""How enum types, domains and the constraints of domains are made"""
