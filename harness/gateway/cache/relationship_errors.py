"""What is answered where an embedded resource means no relationship, or several: PGRST200 and PGRST201
(https://docs.postgrest.org/en/v16/references/errors.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.core.postgrest.errors import RequestError
from harness.gateway.cache.suggestions import LOOSE, nearest

if TYPE_CHECKING:
    from harness.gateway.cache.relationships import Pairs, Relationship
    from harness.gateway.cache.schema_cache import Name, SchemaCache


def _suggestion(cache: SchemaCache, origin: Name, target: str, children: Sequence[str]) -> str | None:
    """What was perhaps meant: another parent where nothing leads away from this one, else another child.

    Nothing where the child exists: then it is the hint that is wrong.
    """
    if (origin, origin.schema) not in cache.relationship_origins:
        parents = sorted({name.name for name, schema in cache.relationship_origins if schema == origin.schema})
        meant, said = nearest(origin.name, parents, likeness=LOOSE), origin.name
    elif target.lower() in (child.lower() for child in children):
        return None
    else:
        meant, said = nearest(target, children, likeness=LOOSE), target
    return f"Perhaps you meant '{meant}' instead of '{said}'." if meant is not None else None


def unknown(cache: SchemaCache, origin: Name, target: str, hint: str | None, children: Sequence[str]) -> RequestError:
    """No relationship: PGRST200.

    :param children: the relations that relationships from `origin` lead to.
    """
    using = f" using the hint '{hint}'" if hint is not None else ""
    return RequestError(
        400,
        "PGRST200",
        f"Could not find a relationship between '{origin.name}' and '{target}' in the schema cache",
        details=(
            f"Searched for a foreign key relationship between '{origin.name}' and '{target}'{using}"
            f" in the schema '{origin.schema}', but no matches were found."
        ),
        hint=_suggestion(cache, origin, target, children),
    )


def _columns(pairs: Pairs, side: int) -> str:
    return f"({', '.join(pair[side] for pair in pairs)})"


def _description(one: Relationship) -> dict[str, str]:
    if one.function is not None:
        return {}
    if one.junction is not None:
        first, second = one.junction.constraints
        relationship = (
            f"{one.junction.table.name} using {first}{_columns(one.junction.source_pairs, 1)}"
            f" and {second}{_columns(one.junction.target_pairs, 1)}"
        )
    else:
        here = f"{one.table.name}{_columns(one.pairs, 0)}"
        there = f"{one.foreign.name}{_columns(one.pairs, 1)}"
        relationship = f"{one.constraint} using {here} and {there}"
    return {
        "cardinality": one.kind,
        "embedding": f"{one.table.name} with {one.foreign.name}",
        "relationship": relationship,
    }


def _hint(one: Relationship) -> str:
    """How to ask for this one; PostgREST has no words for a computed relationship."""
    if one.function is not None:
        return ""
    hint = one.junction.table.name if one.junction is not None else one.constraint
    return f"'{one.foreign.name}!{hint}'"


def ambiguous(origin: str, target: str, found: Sequence[Relationship]) -> RequestError:
    """Several relationships: PGRST201, with all of them."""
    return RequestError(
        300,
        "PGRST201",
        f"Could not embed because more than one relationship was found for '{origin}' and '{target}'",
        details=[_description(one) for one in found],
        hint=(
            f"Try changing '{target}' to one of the following: {', '.join(map(_hint, found))}."
            " Find the desired relationship in the 'details' key."
        ),
    )
