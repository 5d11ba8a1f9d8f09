"""Sorting: which indexes depend on the order of texts, and texts that two servers order otherwise."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from harness.core.environment_findings import spelled
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Column
from harness.core.model.rules import Index
from harness.core.names import qualified
from harness.core.record import Severity, Side

_TEXT = re.compile(r"(?:text|character varying.*|character\(.*|citext|.*\.citext|name)\Z")
_BY_BYTES = frozenset({'pg_catalog."C"', 'pg_catalog."POSIX"', "pg_catalog.ucs_basic"})
_WORD = re.compile(r"\w+")
_LISTED = 20


def text_columns(catalog: Catalog) -> tuple[Column, ...]:
    """Columns of text that are sorted by rules of a language, those in indexes first."""
    indexed = {(each.table_identity, name) for each in catalog.indexes for name in each.columns}
    found = [each for each in catalog.columns if _TEXT.match(each.type) and each.collation not in _BY_BYTES]
    return tuple(sorted(found, key=lambda each: ((each.table_identity, each.name) not in indexed, each.key)))


def at_risk(catalog: Catalog) -> tuple[Index, ...]:
    """Indexes whose order depends on the database's collation; those of constraints too."""
    columns: dict[str | None, set[str]] = {}
    for column in text_columns(catalog):
        if column.collation is None:
            columns.setdefault(column.table_identity, set()).add(column.name)
    found = []
    for each in catalog.indexes:
        names = columns.get(each.table_identity, set())
        # Of an expression the columns in it are looked for: lower(name) is in the order of name.
        keys = {word for key in each.columns for word in (_WORD.findall(key) if key.startswith("(") else (key,))}
        if not each.partitioned and keys & names:
            found.append(each)
    return tuple(found)


def first_otherwise(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """Two texts whose order is not the same: the first comes before the second on the source, and not on the target."""
    place = {value: number for number, value in enumerate(theirs)}
    for one, other in itertools.pairwise(ours):
        if one != other and one in place and other in place and place[one] > place[other]:
            return one, other
    return None


def shape(text: str) -> str:
    """A text with its letters and digits hidden: Aa9, blanks and signs as they are; what order depends on stays."""
    return "".join(_shape(each) for each in text[:40]) + ("…" if len(text) > 40 else "")


def _shape(each: str) -> str:
    if each.isdigit():
        return "9"
    if not each.isalpha():
        return each if each.isprintable() else "·"
    return ("A" if each.isupper() else "a") if each.isascii() else ("Ä" if each.isupper() else "ä")


def order_finding(column: Column, pair: tuple[str, str]) -> Finding:
    """ENV003: the first pair of texts that is ordered otherwise, masked."""
    one, other = (shape(each) for each in pair)
    collation = f" COLLATE {column.collation}" if column.collation else ""
    table = column.table_identity or ""
    return Finding(
        code="ENV003",
        severity=Severity.RISK,
        stage="diff",
        object=FoundObject(kind="column", identity=column.identity),
        title=f"values of {column.identity} are ordered otherwise on the target",
        table=table,
        evidence=(
            Evidence(
                label="order of two values (letters hidden)", source=f"{one} < {other}", target=f"{other} < {one}"
            ),
        ),
        breaks=("pages and ranges over texts (ORDER BY, <, BETWEEN, min, max) give other rows",),
        fix=Fix(text="Create the target database with the source's locale and provider, or sort with COLLATE."),
        query=f"SELECT DISTINCT {qualified(column.name)} FROM {table} ORDER BY 1{collation} LIMIT 200;",  # noqa: S608 - names are quoted
    )


def rules_finding(source: Catalog, target: Catalog, versions: tuple[str | None, str | None]) -> Finding | None:
    """ENV005: what of the target is in another order than the source's; None where both sort by the same rules.

    `versions` are those of the collations that the servers use now. A load builds the indexes in the target's order;
    after a copy of the files (the same system identifier shows one) they are in the source's.
    """
    known = versions if None not in versions else ("unknown", "unknown")
    rules = [
        f"bytes in {server.encoding}"
        if _by_bytes(server)
        else f"{server.locale_provider} {spelled(server.collate)}, version {version}"
        for server, version in zip((source.server, target.server), known, strict=True)
    ]
    if rules[0] == rules[1]:
        return None
    indexes = at_risk(target)
    if not indexes:
        return None
    copied = source.server.system_identifier is not None and (
        source.server.system_identifier == target.server.system_identifier
    )
    return Finding(
        code="ENV005",
        severity=Severity.RISK if copied else Severity.COSMETIC,
        stage="diff",
        object=FoundObject(kind="database", identity="order of texts"),
        title=f"{len(indexes)} indexes of the target are over texts, which it orders by other rules than the source"
        if len(indexes) > 1
        else "an index of the target is over texts, which it orders by other rules than the source",
        evidence=(Evidence(label="rules", source=rules[0], target=rules[1]), *_listed(indexes)),
        breaks=("lookups may miss rows, and unique indexes may hold duplicates",) if copied else (),
        fix=Fix(
            text="The target is a copy of the source's files: build the indexes anew."
            if copied
            else "Nothing, where the rows are loaded: the indexes are built in the target's order. Where the target's"
            " files came from another server, build them anew.",
            sql=_rebuilding(indexes),
        ),
    )


def _by_bytes(server: ServerInfo) -> bool:
    """Whether the database sorts texts by their bytes: no version of any library changes that."""
    return server.locale_provider == "builtin" or spelled(server.collate) in ("c", "posix", "c.utf8")


def _listed(indexes: Sequence[Index]) -> tuple[Evidence, Evidence]:
    named = [qualified(each.schema, each.name) for each in indexes]
    unique = [qualified(each.schema, each.name) for each in indexes if each.unique]
    told = ", ".join(named[:_LISTED]) + (f" and {len(named) - _LISTED} more" if len(named) > _LISTED else "")
    return (
        Evidence(label="indexes over texts", text=told or "none"),
        Evidence(label="unique among them", text=", ".join(unique[:_LISTED]) or "none"),
    )


def _rebuilding(indexes: Sequence[Index]) -> str:
    return "\n".join(f"REINDEX INDEX CONCURRENTLY {qualified(each.schema, each.name)};" for each in indexes)


def version_finding(catalog: Catalog, side: Side, recorded: str | None, actual: str | None) -> Finding | None:
    """ENV004: the server sorts by other rules than those by which the indexes were built; None where it does not."""
    if recorded is None or actual is None or recorded == actual:
        return None
    indexes = at_risk(catalog)
    return Finding(
        code="ENV004",
        severity=Severity.RISK if indexes else Severity.COSMETIC,
        stage="diff",
        object=FoundObject(kind="database", identity=f"collation version ({side})"),
        title=f"the {side} was made with version {recorded} of its collation and sorts by version {actual} now",
        evidence=_listed(indexes),
        breaks=("lookups may miss rows, and unique indexes may hold duplicates",) if indexes else (),
        fix=Fix(
            text="Build the indexes anew, then say so to the database.",
            sql=_rebuilding(indexes)
            + f"\nALTER DATABASE {qualified(catalog.server.database)} REFRESH COLLATION VERSION;",
        ),
    )
