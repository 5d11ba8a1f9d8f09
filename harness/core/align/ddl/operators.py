"""DDL of operators and of access methods."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.operators import AccessMethod, Operator
from harness.core.names import quote, split

_SET_LINKS = 170000
"""Since this version ALTER OPERATOR sets a commutator, a negator, HASHES and MERGES that are not set yet"""
_LINKS = ("commutator", "negator")
_JOINS = ("hashes", "merges")


def _named(each: Operator) -> str:
    return f"OPERATOR {each.identity}"


def _create(each: Operator, _: Catalog) -> Made:
    """A commutator or negator that is not there yet becomes a shell, which its own CREATE OPERATOR fills."""
    clauses = [f"FUNCTION = {each.function}"]
    clauses += [f"{side} = {type_}" for side, type_ in (("LEFTARG", each.left), ("RIGHTARG", each.right))
                if type_ != "none"]  # fmt: skip
    clauses += [f"{link.upper()} = {_reference(value)}" for link in _LINKS if (value := getattr(each, link))]
    clauses += [f"{name.upper()} = {value}" for name in ("restrict", "join") if (value := getattr(each, name))]
    clauses += [name.upper() for name in _JOINS if getattr(each, name)]
    return [Statement(sql=f"CREATE OPERATOR {quote(each.schema)}.{each.name} ({', '.join(clauses)});")]


def _reference(identity: str) -> str:
    schema, name = split(identity)
    return f"OPERATOR({quote(schema)}.{name})"


def _alter(now: Operator, wanted: Operator, attributes: frozenset[str], sides: Sides) -> Made | None:
    """Estimators always; what links it to others only where it is not set yet, and the others stay what they are."""
    if not _alterable(now, wanted, sides):
        return None
    clauses = [f"{name.upper()} = {getattr(wanted, name) or 'NONE'}" for name in ("restrict", "join")
               if name in attributes]  # fmt: skip
    for link in _LINKS:
        if link in attributes:
            other = _other(wanted, link)
            theirs = _operators(sides.target).get(other)
            ours = _operators(sides.source).get(other)
            if ours is None:
                return None
            # The CREATE OPERATOR of the other one links both.
            if theirs is not None and _alterable(theirs, ours, sides):
                clauses.append(f"{link.upper()} = {_reference(getattr(wanted, link))}")
    clauses += [name.upper() for name in _JOINS if name in attributes]
    return [Statement(sql=f"ALTER OPERATOR {now.identity} SET ({', '.join(clauses)});")] if clauses else []


def _alterable(now: Operator, wanted: Operator, sides: Sides) -> bool:
    """Whether ALTER OPERATOR makes the one of the other."""
    if now.function != wanted.function:
        return False
    set_already = any(getattr(now, name) and getattr(now, name) != getattr(wanted, name) for name in (*_LINKS, *_JOINS))
    newly = any(getattr(now, name) != getattr(wanted, name) for name in (*_LINKS, *_JOINS))
    return not set_already and (not newly or sides.target.server.version_number >= _SET_LINKS)


def _other(each: Operator, link: str) -> tuple[str, str, str, str]:
    """The key of its commutator, which takes the operands the other way, or of its negator."""
    schema, name = split(getattr(each, link))
    return (schema, name, *((each.right, each.left) if link == "commutator" else (each.left, each.right)))


def _operators(catalog: Catalog) -> dict[tuple[str, ...], Operator]:
    return {each.key: each for each in catalog.operators}


def _method_named(each: AccessMethod) -> str:
    return f"ACCESS METHOD {quote(each.name)}"


def _create_method(each: AccessMethod, _: Catalog) -> Made:
    return [Statement(sql=f"CREATE {_method_named(each)} TYPE {each.type.upper()} HANDLER {each.handler};")]


DDL: dict[str, Ddl] = {
    Operator.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), alter=_alter),
    AccessMethod.kind: Ddl(named=_method_named, create=_create_method, drop=plain_drop(_method_named), owned=False),
}
