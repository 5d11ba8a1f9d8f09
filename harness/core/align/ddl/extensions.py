"""DDL of extensions."""

from __future__ import annotations

import re

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement
from harness.core.align.prechecks import for_extension
from harness.core.align.programs import create_extension
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Extension
from harness.core.names import literal, quote
from harness.core.plan import Hazard

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def _named(each: Extension) -> str:
    return f"EXTENSION {quote(each.name)}"


def _create(each: Extension, _: Catalog) -> Made:
    """The version is named where the source does not have what its own server installs by default."""
    version = "" if each.version == each.default_version else f" VERSION {literal(each.version)}"
    sql = create_extension(each).removesuffix(";") + f"{version};"
    return [Statement(sql=sql, prechecks=tuple(for_extension(each)))]


def _drop(each: Extension, _: Catalog) -> Made:
    return [Statement(sql=f"DROP {_named(each)};", hazards=(Hazard.DATA_LOSS,))]


def _alter(now: Extension, wanted: Extension, attributes: frozenset[str], _: Sides) -> Made | None:
    """Another schema where the extension can move, another version."""
    if "schema" in attributes and not now.relocatable:
        return None
    made: Made = []
    if "schema" in attributes:
        made.append(Statement(sql=f"ALTER {_named(now)} SET SCHEMA {quote(wanted.schema)};"))
    if "version" in attributes and _lags(now, wanted) and not goes_back(now, wanted):
        made.append(Statement(sql=f"ALTER {_named(now)} UPDATE TO {literal(wanted.version)};"))
    return made


def goes_back(now: Extension, wanted: Extension) -> bool:
    """Whether the wanted version is an older one: extensions come with scripts for the way forward alone."""
    theirs, ours = (_NUMBERS.fullmatch(each.version) for each in (now, wanted))
    if theirs is None or ours is None:
        return False
    older, newer = ([int(part) for part in each[0].split(".")] for each in (ours, theirs))
    return older < newer


def _lags(now: Extension, wanted: Extension) -> bool:
    """Whether the versions differ by more than what each server installs by default."""
    return (now.version, wanted.version) != (now.default_version, wanted.default_version)


DDL: dict[str, Ddl] = {Extension.kind: Ddl(named=_named, create=_create, drop=_drop, alter=_alter, owned=False)}
