"""Cases: read from a TOML file or a function of the user's, and checked against the methods that exist."""

from __future__ import annotations

import difflib
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.core.outcomes import Case
from harness.errors import CaseError
from harness.stages.layers import Layer, named_object


def load_cases(name: str, base: Path, folders: Sequence[Path]) -> tuple[Case, ...]:
    """The cases of a .toml file ([[case]] tables) or of 'module:function'. CaseError names the case and the field."""
    if name.endswith(".toml"):
        rows: Any = _read(base / name)
    else:
        made = named_object(name, folders, what="methods.cases")()
        if not isinstance(made, Iterable) or isinstance(made, str | dict):
            raise CaseError(f"methods.cases: {name} returns no list of cases")
        rows = list(made)
    cases = tuple(_case(row, position) for position, row in enumerate(rows, start=1))
    if not cases:
        raise CaseError(f"methods.cases: {name} holds no case", hint="An empty comparison proves nothing.")
    doubled = [each for each, number in Counter(case.id for case in cases).items() if number > 1]
    if doubled:
        raise CaseError(f"two cases have the id {doubled[0]!r}", hint="Give every case an id of its own.")
    return cases


def check_cases(cases: Sequence[Case], source: Layer, target: Layer) -> None:
    """Refuse cases that name a method, or arguments, that neither data layer knows: they would fail alike and pass."""
    methods = source.methods | target.methods
    for case in cases:
        if case.method not in methods:
            near = difflib.get_close_matches(case.method, methods, n=1)
            raise CaseError(
                f"case {case.id!r}: no data layer has a method {case.method}",
                hint=f"Did you mean {near[0]}?" if near else "Public methods do not begin with an underscore.",
            )
        misfits = [layer.misfit(case.method, case.kwargs) for layer in (source, target) if case.method in layer.methods]
        if all(misfits):
            raise CaseError(f"case {case.id!r}: {case.method} does not take these arguments: {misfits[0]}")


def _read(path: Path) -> list[Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CaseError(f"the case file {path.name} does not exist", hint="Check methods.cases.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(f"the case file {path.name} cannot be read: {error}") from None
    unknown = sorted(data.keys() - {"case"})
    if unknown:
        raise CaseError(f"the case file {path.name} has an unknown key {unknown[0]!r}", hint="Write [[case]] tables.")
    rows = data.get("case", [])
    if not isinstance(rows, list):
        raise CaseError(f"the case file {path.name} has [case] instead of [[case]]", hint="Write [[case]] tables.")
    return rows


def _case(row: Any, position: int) -> Case:
    if isinstance(row, Case):
        return row
    try:
        return Case.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        known = ", ".join(Case.model_fields)
        label = repr(row["id"]) if isinstance(row, dict) and isinstance(row.get("id"), str) else f"number {position}"
        raise CaseError(f"case {label}: {where or 'not a table'}: {first['msg']}", hint=f"It has {known}.") from None
