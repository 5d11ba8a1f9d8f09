"""Domain representations: implicit casts of a domain say how its values are shown and taken
(https://docs.postgrest.org/en/v16/references/api/domain_representations.html).

PostgreSQL itself ignores casts of domains; as PostgREST does, their functions are called by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg.sql import SQL, Composable


@dataclass(frozen=True, slots=True)
class Representations:
    """The functions of a type's casts, each with its schema and in quotes as the catalog writes it.

    `to_json` makes what is answered, `from_json` takes what a body has, `from_text` what a filter of the query string
    has; where one is missing the type's own form counts.
    """

    to_json: str | None = None
    from_json: str | None = None
    from_text: str | None = None


NONE = Representations()


def from_rows(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, Representations]:
    """The representations by type, from the rows of `representations.sql`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for source, target, function in rows:
        if target == "json":
            found[source]["to_json"] = function
        elif source in ("json", "text"):
            found[target][f"from_{source}"] = function
    return {type_: Representations(**functions) for type_, functions in found.items()}


def called(function: str, value: Composable) -> Composable:
    """A value as the function of a cast makes it."""
    return SQL("{}({})").format(SQL(function), value)


def each_called(function: str, array: Composable) -> Composable:
    """Every element of an array of text, as rows that ANY can look into."""
    return SQL("(SELECT {})").format(called(function, SQL("unnest({}::text[])").format(array)))
