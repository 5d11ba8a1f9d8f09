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
from harness.stages.recorded_cases import read_recorded
from harness.tagged_values import WrongTag, untagged

_FIELDS = ("id", "method", "kwargs", "ordered", "ignore", "purpose", "bad_input")
"""What a person may say of a case; where it comes from is not theirs to say"""


def case_names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """What methods.cases names: one name, several separated by commas, or a list of them."""
    names = given.split(",") if isinstance(given, str) else given or ()
    return tuple(name.strip() for name in names if name.strip())


def load_cases(given: str | Sequence[str], base: Path, folders: Sequence[Path]) -> tuple[Case, ...]:
    """The cases of .toml files ([[case]] tables), .jsonl files of recorded calls and 'module:function's, in that order.

    CaseError names the case and the field that is wrong, or two cases of one id.
    """
    names = case_names(given)
    recorded = [base / name for name in names if name.endswith(".jsonl")]
    cases = tuple(case for name in names if not name.endswith(".jsonl") for case in _written(name, base, folders))
    if recorded:
        cases += read_recorded(recorded)
    doubled = [each for each, number in Counter(case.id for case in cases).items() if number > 1]
    if doubled:
        raise CaseError(f"two cases have the id {doubled[0]!r}", hint="Give every case an id of its own.")
    return cases


def _written(name: str, base: Path, folders: Sequence[Path]) -> tuple[Case, ...]:
    if name.endswith(".toml"):
        rows: Any = [_with_types(row, position, name) for position, row in enumerate(_read(base / name), start=1)]
    elif ":" in name:
        made = named_object(name, folders, what="methods.cases")()
        if not isinstance(made, Iterable) or isinstance(made, str | dict):
            raise CaseError(f"methods.cases: {name} returns no list of cases")
        rows = list(made)
    else:
        raise CaseError(
            f"methods.cases: {name!r} is neither a file of cases nor module:function",
            hint="Files of cases end in .toml, files of recorded calls in .jsonl.",
        )
    cases = tuple(_case(row, position, name) for position, row in enumerate(rows, start=1))
    if not cases:
        raise CaseError(f"methods.cases: {name} holds no case", hint="An empty comparison proves nothing.")
    return cases


def check_cases(cases: Sequence[Case], source: Layer, target: Layer) -> None:
    """Refuse cases that name a method, or arguments, that neither data layer knows: they would fail alike and pass.

    Recorded calls are left to `replayable`: an application may have changed since.
    """
    methods = source.methods | target.methods
    for case in cases:
        if case.origin == "recorded":
            continue
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


def _with_types(row: Any, position: int, name: str) -> Any:
    """A table of TOML, whose arguments have types that TOML has not under a tag: { "$decimal" = "1.10" }."""
    if not isinstance(row, dict) or "kwargs" not in row:
        return row
    try:
        return {**row, "kwargs": untagged(row["kwargs"])}
    except WrongTag as error:
        raise CaseError(f"case {row.get('id', f'number {position}')!r} of {name}: kwargs: {error}") from None


def _case(row: Any, position: int, name: str) -> Case:
    if isinstance(row, Case):
        return row
    label = repr(row["id"]) if isinstance(row, dict) and isinstance(row.get("id"), str) else f"number {position}"
    if not isinstance(row, dict):
        raise CaseError(
            f"case {label} of {name} is {type(row).__name__}, not a table", hint=f"It has {', '.join(_FIELDS)}."
        )
    unknown = sorted(str(key) for key in row.keys() - set(_FIELDS))
    if unknown:
        near = difflib.get_close_matches(unknown[0], _FIELDS, n=1)
        near = ["kwargs"] if unknown[0] in ("args", "arguments", "params") else near
        raise CaseError(
            f"case {label} of {name}: {unknown[0]} is no field of a case",
            hint=f"Did you mean {near[0]}?" if near else f"It has {', '.join(_FIELDS)}.",
        )
    try:
        return Case.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CaseError(f"case {label} of {name}: {where}: {first['msg']}", hint=_example(where)) from None


def _example(field: str) -> str:
    """How a field is written."""
    if field.startswith("kwargs"):
        return "Write the arguments by name: kwargs = { company_id = 1, since = 2025-01-31 }."
    return f"A case has {', '.join(_FIELDS)}; id and method are texts that are not empty."
