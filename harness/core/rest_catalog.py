"""REST catalog: what PostgREST's OpenAPI description tells of tables, as a Catalog; and requests in its URL grammar.

https://docs.postgrest.org/en/stable/references/api/openapi.html
https://docs.postgrest.org/en/stable/references/api/url_grammar.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Column, Schema, Table
from harness.core.model.rules import Constraint

SERVICE_ROLE: Final = "service_role"
_WORDS_OF_OPENAPI: Final = {"int32": "integer", "int64": "bigint"}
_PRIMARY_KEY: Final = "<pk/>"


def catalog_of(descriptions: Mapping[str, Any]) -> Catalog:
    """The tables and views that each schema's description names, with columns, types and primary keys.

    NOT NULL is what the description requires. Unique keys, and which of these are views, it does not tell.
    """
    tables: list[Table] = []
    columns: list[Column] = []
    constraints: list[Constraint] = []
    for schema, description in descriptions.items():
        definitions = description.get("definitions") if isinstance(description, dict) else None
        for name, definition in (definitions or {}).items():
            properties = definition.get("properties") or {}
            required = set(definition.get("required") or ())
            tables.append(Table(schema=schema, name=name))
            columns += [
                Column(
                    schema=schema,
                    table=name,
                    name=column,
                    type=_type(described),
                    not_null=column in required,
                    position=position,
                )
                for position, (column, described) in enumerate(properties.items(), start=1)
            ]
            key = tuple(
                column for column, described in properties.items() if _PRIMARY_KEY in described.get("description", "")
            )
            if key:
                constraints.append(
                    Constraint(
                        schema=schema,
                        table=name,
                        name=f"{name} primary key",
                        type="primary key",
                        definition="",
                        columns=key,
                    )
                )
    return Catalog(
        server=_SERVER,
        scope=tuple(descriptions),
        schemas=tuple(Schema(name=name) for name in descriptions),
        tables=tuple(tables),
        columns=tuple(columns),
        constraints=tuple(constraints),
    )


_SERVER: Final = ServerInfo(
    version="not told through REST",
    version_number=0,
    database="project",
    encoding="UTF8",
    collate="",
    ctype="",
    locale_provider="",
    timezone="UTC",
)


def role_of(key: str) -> str | None:
    """The role of an API key: the claim of a JWT, or what the prefix of a newer key says; None: not told."""
    for prefix, named in (("sb_secret_", SERVICE_ROLE), ("sb_publishable_", "anon")):
        if key.startswith(prefix):
            return named
    parts = key.split(".")
    if len(parts) != 3:  # header, claims, signature
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    role = claims.get("role") if isinstance(claims, dict) else None
    return role if isinstance(role, str) else None


def select_of(columns: Sequence[str]) -> str:
    """The columns as texts, named c0, c1 …: each as its type's output function writes it, whatever JSON would do."""
    return ",".join(f"c{number}:{quoted(name)}::text" for number, name in enumerate(columns))


def order_of(key: Sequence[str]) -> str:
    """Ascending by the key."""
    return ",".join(f"{quoted(name)}.asc" for name in key)


def beyond(key: Sequence[str], last: Sequence[str]) -> str:
    """The condition `or=` for rows whose key comes after one, in the order of its columns."""
    terms = []
    for number, name in enumerate(key):
        equal = [f"{quoted(each)}.eq.{quoted(value)}" for each, value in zip(key[:number], last, strict=False)]
        later = f"{quoted(name)}.gt.{quoted(last[number])}"
        terms.append(f"and({','.join((*equal, later))})" if equal else later)
    return f"({','.join(terms)})"


def equal_to(key: Sequence[str], values: Sequence[str | None]) -> str:
    """The member of `or=` for rows with one key."""
    terms = [
        f"{quoted(name)}.is.null" if value is None else f"{quoted(name)}.eq.{quoted(value)}"
        for name, value in zip(key, values, strict=True)
    ]
    return terms[0] if len(terms) == 1 else f"and({','.join(terms)})"


def quoted(text: str) -> str:
    """A name or a value in double quotes, inside which a backslash takes the next character as it is."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _type(described: Mapping[str, Any]) -> str:
    name = str(described.get("format") or described.get("type") or "")
    return _WORDS_OF_OPENAPI.get(name, name)
