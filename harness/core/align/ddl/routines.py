"""DDL of functions and procedures, as pg_get_functiondef writes them."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement
from harness.core.align.ddl.type_functions import of_type
from harness.core.consequences.programs import inputs
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Routine

_OUTPUT = frozenset("obt")
"""Modes of the parameters that a row is returned in: OUT, INOUT, TABLE"""


def create_routine(routine: Routine) -> str:
    """CREATE OR REPLACE FUNCTION or PROCEDURE, as PostgreSQL deparses it."""
    return routine.definition.rstrip() + ";"


def drop_routine(routine: Routine) -> str:
    """DROP FUNCTION or DROP PROCEDURE."""
    return f"DROP {named(routine)};"


def named(routine: Routine) -> str:
    """FUNCTION or PROCEDURE with the types of its arguments."""
    return f"{'PROCEDURE' if routine.type == 'procedure' else 'FUNCTION'} {routine.identity}"


def replaceable(now: Routine, wanted: Routine) -> bool:
    """Whether CREATE OR REPLACE takes it (ProcedureCreate in PostgreSQL's sources).

    Kind and type of the result stay, with the columns of a row that is returned; names of input parameters may be
    given and not changed; no default is taken away.
    """
    if (now.type, now.returns) != (wanted.type, wanted.returns) or wanted.defaults < now.defaults:
        return False
    if "record" in (now.returns or "record") and _outputs(now) != _outputs(wanted):
        return False
    ours, theirs = inputs(wanted), inputs(now)
    if not ours:
        return not any(name for name, _ in theirs)
    return all(not name or name == new for (name, _), (new, _) in zip(theirs, ours, strict=False))


def _outputs(routine: Routine) -> list[tuple[str, str]]:
    if not routine.argument_modes:
        return []
    names = routine.argument_names or ("",) * len(routine.argument_modes)
    parameters = zip(names, routine.argument_modes, routine.argument_types, strict=True)
    return [(name, kind) for name, mode, kind in parameters if mode in _OUTPUT]


def _create(routine: Routine, _: Catalog) -> Made:
    return [Statement(sql=create_routine(routine))]


def _drop(routine: Routine, _: Catalog) -> Made:
    return [Statement(sql=drop_routine(routine))]


def _alter(now: Routine, wanted: Routine, _attributes: frozenset[str], _sides: Sides) -> Made | None:
    """The whole statement again: what it does not say goes back to its default, so nothing of `now` is left."""
    return [Statement(sql=create_routine(wanted))] if replaceable(now, wanted) else None


DDL: dict[str, Ddl] = {Routine.kind: Ddl(named=named, create=_create, drop=_drop, alter=_alter, comes_with=of_type)}
