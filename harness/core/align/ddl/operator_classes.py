"""DDL of operator classes and of operator families with the members that belong to no class."""

from __future__ import annotations

import re

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.operators import OperatorClass, OperatorFamily
from harness.core.names import qualified, quote

_NUMBER = re.compile(r"(?:OPERATOR|FUNCTION) \d+")
_OPERANDS = re.compile(r'\((?:[^"()]|"(?:[^"]|"")+")*\)')


def _class_named(each: OperatorClass) -> str:
    return f"OPERATOR CLASS {_name(each)}"


def _family_named(each: OperatorFamily) -> str:
    return f"OPERATOR FAMILY {_name(each)}"


def _name(each: OperatorClass | OperatorFamily) -> str:
    return f"{qualified(each.schema, each.name)} USING {quote(each.using)}"


def _create_class(each: OperatorClass, _: Catalog) -> Made:
    """With its family named: without, PostgreSQL would make one that nobody asked for."""
    members = [*each.operator, *each.function]
    if each.storage is not None or not members:
        members.append(f"STORAGE {each.storage or each.type}")
    default = " DEFAULT" if each.default else ""
    head = f"CREATE OPERATOR CLASS {qualified(each.schema, each.name)}{default} FOR TYPE {each.type}"
    return [
        Statement(sql=f"{head} USING {quote(each.using)} FAMILY {each.family} AS\n    {_list(members)};"),
    ]


def _list(members: list[str]) -> str:
    return ",\n    ".join(members)


def _create_family(each: OperatorFamily, _: Catalog) -> Made:
    made = [Statement(sql=f"CREATE {_family_named(each)};")]
    if each.members:
        made.append(Statement(sql=f"ALTER {_family_named(each)} ADD\n    {_list(list(each.members))};"))
    return made


def _alter_family(now: OperatorFamily, wanted: OperatorFamily, _: frozenset[str], __: Sides) -> Made:
    gone = [_place(member) for member in now.members if member not in wanted.members]
    new = [member for member in wanted.members if member not in now.members]
    made = [Statement(sql=f"ALTER {_family_named(now)} DROP\n    {_list(gone)};")] if gone else []
    if new:
        made.append(Statement(sql=f"ALTER {_family_named(now)} ADD\n    {_list(new)};"))
    return made


def _place(member: str) -> str:
    """What DROP names a member by: its number and operands."""
    number, operands = _NUMBER.match(member), _OPERANDS.search(member)
    if number is None or operands is None:
        raise ValueError(f"not a member of an operator family: {member}")
    return f"{number[0]} {operands[0]}"


DDL: dict[str, Ddl] = {
    OperatorClass.kind: Ddl(named=_class_named, create=_create_class, drop=plain_drop(_class_named)),
    OperatorFamily.kind: Ddl(
        named=_family_named, create=_create_family, drop=plain_drop(_family_named), alter=_alter_family
    ),
}
