"""Recorded calls as cases: read from files, each call once; personal values are found again in the source's copy."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from harness.core.coverage import Skipped
from harness.core.model.catalog import Catalog
from harness.core.outcomes import Case
from harness.core.personal_tokens import PersonalToken, read_arguments, replaced, tokens_in
from harness.datalayer.recorded_arguments import personal_digest
from harness.datalayer.recorded_calls import FORMAT, KEY_VARIABLE
from harness.datalayer.switching.shadow_cases import recorded_cases
from harness.datalayer.switching.shadow_records import FORMAT as SHADOW_FORMAT
from harness.errors import CaseError, PgparityError
from harness.postgres.connect import Connection, table_name
from harness.stages.layers import Layer
from harness.stages.stand import Stand
from harness.tagged_values import WrongTag

_HASH_DIGITS: Final = 12
_ROWS_AT_A_TIME: Final = 5_000


def read_recorded(paths: Sequence[Path]) -> tuple[Case, ...]:
    """The calls of files that were recorded in production or by shadow reads, each once, with how often it was seen.

    Personal values in their arguments are tokens; `replayable` puts values in their place. CaseError names the file
    and the line that cannot be read.
    """
    seen: Counter[str] = Counter()
    cases: dict[str, Case] = {}
    for path in paths:
        for case in _cases(path):
            seen[case.id] += 1
            cases.setdefault(case.id, case)
    return tuple(case.model_copy(update={"purpose": _times(seen[id_])}) for id_, case in sorted(cases.items()))


def without_tokens(case: Case) -> Case:
    """The case with nobody's values in place of personal ones: enough to learn what its method asks for."""
    return case.model_copy(update={"kwargs": replaced(case.kwargs, lambda token: token.placeholder)})


@dataclass(frozen=True, slots=True)
class Replay:
    """Cases that can be called, and those that cannot, with the reason."""

    cases: tuple[Case, ...]
    skipped: tuple[Skipped, ...] = ()
    personal: frozenset[str] = frozenset()
    """Names of arguments that hold values which were not written down: a report shows them as hashes"""


def replayable(
    cases: Sequence[Case], layers: Sequence[Layer], connection: Connection | None, catalog: Catalog
) -> Replay:
    """Put values in place of the tokens of recorded calls, by looking through the columns that they came from.

    `connection` leads to a copy of the source; None where no case has a token. A token's column is the declared one,
    else every column that has the argument's name. The key is read from PGPARITY_RECORDING_KEY. A call that neither
    data layer can take any more, or whose values are not there, is skipped; every other case stays as it is.
    """
    kept: list[Case] = []
    skipped: list[Skipped] = []
    wanted = {token for case in cases for token in tokens_in(case.kwargs)}
    key = os.environ.get(KEY_VARIABLE, "").encode()
    values = _found(wanted, key, connection, catalog) if wanted and key and connection is not None else {}
    for case in cases:
        why = _not_replayable(case, layers, values, key=key)
        if why:
            skipped.append(Skipped(item=case.id, reason=f"the recorded call cannot be replayed: {why}"))
        else:
            kept.append(case.model_copy(update={"kwargs": replaced(case.kwargs, values.__getitem__)}))
    personal = {name for case in cases for name, each in case.kwargs.items() if any(True for _ in tokens_in(each))}
    return Replay(tuple(kept), tuple(skipped), frozenset(personal))


def replay(cases: Sequence[Case], stand: Stand, layers: Sequence[Layer], catalog: Catalog) -> Replay:
    """`replayable`, with the values of the copy on the source's stand; it is asked only where a case has a token."""
    if not has_tokens(cases):
        return replayable(cases, layers, None, catalog)
    with contextlib.closing(stand.unchanged()) as connection:
        return replayable(cases, layers, connection, catalog)


def has_tokens(cases: Iterable[Case]) -> bool:
    """Whether a case has a personal value that is yet to be found."""
    return any(True for case in cases for _ in tokens_in(case.kwargs))


def _not_replayable(case: Case, layers: Sequence[Layer], values: Mapping[PersonalToken, Any], *, key: bytes) -> str:
    if case.origin != "recorded":
        return ""
    having = [layer for layer in layers if case.method in layer.methods]
    if not having:
        return f"no data layer has a method {case.method}"
    misfits = [layer.misfit(case.method, case.kwargs) for layer in having]
    if all(misfits):
        return f"{case.method} does not take these arguments: {misfits[0]}"
    missing = [token for token in tokens_in(case.kwargs) if token not in values]
    if not missing:
        return ""
    if not key:
        return f"{KEY_VARIABLE} is not set, and a personal value is to be found with it"
    where = missing[0].column or (f"a column named {missing[0].argument}" if missing[0].argument else "any column")
    return f"no value of {where} is the one that was recorded"


def _found(
    tokens: Iterable[PersonalToken], key: bytes, connection: Connection, catalog: Catalog
) -> dict[PersonalToken, Any]:
    """The values of tokens, each looked for in its columns; no column is read twice."""
    by_column: dict[tuple[str, str, str], set[PersonalToken]] = {}
    for token in sorted(tokens, key=lambda each: each.hash):
        for column in _columns(token, catalog):
            by_column.setdefault(column, set()).add(token)
    values: dict[PersonalToken, Any] = {}
    for column, of_column in sorted(by_column.items()):
        left: dict[str, list[PersonalToken]] = {}
        for token in of_column - values.keys():
            left.setdefault(token.hash, []).append(token)
        if not left:
            continue
        with contextlib.closing(_texts(connection, column)) as texts:
            for text in texts:
                for token in left.pop(personal_digest(key, text), ()):
                    with contextlib.suppress(ValueError, ArithmeticError):
                        values[token] = token.value(text)
                if not left:
                    break
    return values


def _columns(token: PersonalToken, catalog: Catalog) -> list[tuple[str, str, str]]:
    """Schema, table and column that a token's value may be in."""
    if token.column:
        *schema, table, name = token.column.split(".")
    else:
        schema, table, name = [], "", token.argument
    return [
        (column.schema, column.table, column.name)
        for column in catalog.columns
        if column.name == name and table in ("", column.table) and schema in ([], [column.schema])
    ]


def _texts(connection: Connection, column: tuple[str, str, str]) -> Generator[str, None, None]:
    """The values of a column as texts, each once."""
    schema, table, name = column
    query = sql.SQL("SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL").format(
        column=sql.Identifier(name), table=table_name(schema, table)
    )
    with connection.transaction(), connection.cursor(name="recorded") as cursor:
        cursor.itersize = _ROWS_AT_A_TIME
        cursor.execute(query)
        for row in cursor:
            yield str(row[0])


def _cases(path: Path) -> Iterator[Case]:
    shadow = False
    number = 0
    for number, record in _records(path):
        if record.get("format") == SHADOW_FORMAT:
            shadow = True
        elif record.get("format") == FORMAT:
            yield _case(path, number, record)
        else:
            raise CaseError(
                f"{path.name}, line {number}, is no recorded call",
                hint="Calls are recorded by harness.datalayer.recorded_calls, or by shadow reads.",
            )
    if shadow:
        try:
            rows = recorded_cases(path)
        except PgparityError as error:
            raise CaseError(error.message, hint=error.hint) from None
        for row in rows:
            yield Case.model_validate({**row, "origin": "recorded"})
    elif not number:
        raise CaseError(f"{path.name} holds no recorded call", hint="An empty comparison proves nothing.")


def _case(path: Path, number: int, record: Mapping[str, Any]) -> Case:
    method, arguments = record.get("method"), record.get("arguments")
    if not isinstance(method, str) or not method or not isinstance(arguments, dict):
        raise CaseError(f"{path.name}, line {number}, has no method or no arguments")
    try:
        kwargs = {name: read_arguments(each) for name, each in arguments.items()}
    except WrongTag as error:
        raise CaseError(f"{path.name}, line {number}, cannot be read: {error}") from None
    text = json.dumps(arguments, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    return Case(id=f"{method} {digest}", method=method, kwargs=kwargs, origin="recorded")


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file by line. A last line that was not finished is left out: its program was ended there."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                except ValueError:
                    if not line.endswith("\n"):
                        return
                    raise CaseError(f"{path.name}, line {number}, is no JSON") from None
                if not isinstance(record, dict):
                    raise CaseError(f"{path.name}, line {number}, is no recorded call")
                yield number, record
    except FileNotFoundError:
        raise CaseError(f"the file of recorded calls {path.name} does not exist", hint="Check methods.cases.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path.name} cannot be read ({type(error).__name__})") from None


def _times(number: int) -> str:
    return "recorded once" if number == 1 else f"recorded {number} times"
