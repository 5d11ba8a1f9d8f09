"""Schema findings: changes between two catalogs as findings with a code, a sentence, both definitions and a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.core.access_findings import apart
from harness.core.attribute_words import attribute_words, differs
from harness.core.change import Change, RenameSuggestion
from harness.core.column_order import ColumnOrder
from harness.core.equivalence import ARBITER, PLATFORM
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.nouns import NOUNS
from harness.core.record import JsonValue, Severity
from harness.core.showing import showing_query

STAGE = "diff"
_TYPES = frozenset({"domain", "composite type", "range type", "base type"})
"""Kinds that have the codes of an enum type"""
_MISSING = {
    "table": "TAB001", "column": "COL001", "sequence": "SEQ001", "view": "VIE001", "routine": "FUN001",
    "trigger": "TRG001", "enum": "TYP001", "policy": "POL001", "extension": "EXT001", "schema": "SCH001",
    "privilege": "PRV001", "default privilege": "PRV001",
}  # fmt: skip
_EXTRA = {
    "table": "TAB002", "sequence": "SEQ004", "view": "VIE003", "routine": "FUN003", "trigger": "TRG002",
    "enum": "TYP002", "policy": "POL002", "extension": "EXT002", "schema": "SCH002",
    "privilege": "PRV002", "default privilege": "PRV002",
}  # fmt: skip
_ALTERED = {
    "table": "TAB003", "sequence": "SEQ002", "view": "VIE002", "routine": "FUN002", "trigger": "TRG001",
    "enum": "TYP001", "policy": "POL001", "extension": "EXT001", "schema": "SCH001",
    "privilege": "PRV001", "default privilege": "PRV001",
}  # fmt: skip
_COLUMN = {
    "type": "COL003", "not_null": "COL004", "default": "COL005", "collation": "COL008", "generated": "COL009",
    "generated_kind": "COL009", "identity_kind": "COL009",
}  # fmt: skip
_ALONE = frozenset(
    {
        "type",
        "not_null",
        "default",
        "collation",
        "name",
        "definition",
        "labels",
        "comment",
        "owner",
        "valid",
        "identity_kind",
        ARBITER,
    }
)
"""Attributes that are alone with their code"""
_RULE = {"primary key": "CON001", "unique": "CON002", "foreign key": "CON003", "check": "CON004"}


def findings(
    changes: Iterable[Change],
    source: Catalog,
    target: Catalog,
    *,
    renames: Iterable[RenameSuggestion] = (),
    orders: Iterable[ColumnOrder] = (),
    fixes: Mapping[tuple[str, str], str] | None = None,
) -> tuple[Finding, ...]:
    """A finding for every change, suggestion and order of columns; `fixes` holds SQL by kind and identity.

    `source` is the catalog that was compared, so under the target's names where renames are declared.
    """
    told, grouped = apart(changes)
    rules, unique = _types(source, target) if told else ({}, set())
    found: list[Finding] = []
    for change in told:
        key = (change.kind, change.identity)
        code = _code(change, rules.get(key, ""), key in unique)
        sql = (fixes or {}).get(key) if change.equivalence is None else None
        found.append(
            Finding(
                code=code,
                severity=change.severity,
                stage=STAGE,
                object=FoundObject(kind=change.kind, identity=_identity(change)),
                title=title(change),
                table=change.table,
                evidence=_evidence(change),
                fix=_fix(change, sql),
                query=showing_query(change),
            )
        )
    found += grouped
    found += (_rename(each) for each in renames)
    found += (_order(each) for each in orders)
    return tuple(found)


def _types(source: Catalog, target: Catalog) -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """The type of each constraint, and which indexes are unique."""
    rules = {(each.kind, each.identity): each.type for each in (*target.constraints, *source.constraints)}
    return rules, {(each.kind, each.identity) for each in (*target.indexes, *source.indexes) if each.unique}


def _identity(change: Change) -> str:
    """The attribute belongs to the address where one object may have several changes of one code."""
    if change.attribute is None or change.attribute in _ALONE:
        return change.identity
    return f"{change.identity} ({attribute_words(change.attribute)})"


def _code(change: Change, rule: str, unique: bool) -> str:
    kind, attribute = change.kind, change.attribute
    if attribute == "comment":
        return "CMT001"
    if attribute == "owner":
        return "OWN001"
    if kind == "column":
        return _column_code(change)
    if kind == "constraint":
        return _constraint_code(change, rule)
    if kind == "index":
        return _index_code(change, unique)
    if kind in _TYPES:
        kind = "enum"
    if change.change == "added":
        return _EXTRA.get(kind, "OBJ002")
    return (_MISSING if change.change == "removed" else _ALTERED).get(kind, "OBJ001")


def _column_code(change: Change) -> str:
    if change.change == "removed":
        return "COL001"
    if change.change == "added":
        return "COL006" if change.severity is Severity.BLOCKER else "COL002"
    return _COLUMN.get(change.attribute or "", "COL011")


def _constraint_code(change: Change, rule: str) -> str:
    if change.change == "added":
        return "CON005"
    if change.change == "removed" or change.attribute in (ARBITER, "definition"):
        return _RULE.get(rule, "CON004")
    return {"name": "CON007", "validated": "CON006", "enforced": "CON006"}.get(change.attribute or "", "CON008")


def _index_code(change: Change, unique: bool) -> str:
    if change.change == "removed":
        return "IDX002" if unique else "IDX001"
    if change.change == "added":
        return "IDX004" if unique else "IDX003"
    return {"name": "IDX006", "valid": "IDX007", ARBITER: "IDX006"}.get(change.attribute or "", "IDX005")


def title(change: Change) -> str:
    """One sentence: what is the matter with the object."""
    noun = NOUNS.get(change.kind, change.kind)
    name = f"{noun} {change.identity}"
    if change.equivalence == PLATFORM:
        what = f"{name} is" if change.kind != "table" else f"row-level security of {change.identity} is"
        return (
            f"{what} not on the target: it binds roles of the platform alone, and none of them reaches the table there"
        )
    if change.change == "removed":
        return f"{name} is missing on the target"
    if change.change == "added":
        return f"{name} exists on the target only"
    if change.change == "renamed":
        return f"{name} is called {change.target} on the target, as declared"
    if change.attribute == ARBITER:
        return f"{name} is a constraint on one side and a bare unique index on the other: ON CONFLICT finds both"
    if change.attribute == "name":
        return f"{name} is called {change.target} on the target"
    return f"{name} {differs(change.kind, change.attribute or '', change.source)}"


def _evidence(change: Change) -> tuple[Evidence, ...]:
    label = attribute_words(change.attribute) if change.attribute else "definition"
    found = [Evidence(label=label, source=_text(change, change.source), target=_text(change, change.target))]
    if change.equivalence:
        found.append(Evidence(label="equivalence", text=change.equivalence))
    if change.dependents:
        found.append(Evidence(label="depends on it", text=", ".join(change.dependents)))
    return tuple(found)


def _text(change: Change, value: JsonValue) -> str | None:
    """A value as a person reads it; a whole object by what tells most of it."""
    if value is None:
        return None if change.attribute is None else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    if not isinstance(value, dict):
        return str(value)
    if change.kind == "column":
        return _column_text(value)
    for telling in ("definition", "body", "labels", "using", "version"):
        if value.get(telling):
            return _text(change, value[telling])
    return ", ".join(f"{attribute_words(name)}: {_text(change, each)}" for name, each in value.items()) or "exists"


def shown(change: Change, value: JsonValue) -> str | None:
    """A side of a change as a person reads it: a whole object by what tells most of it; None where it is absent."""
    return _text(change, value)


def _column_text(value: Mapping[str, JsonValue]) -> str:
    words = [str(value["type"])]
    if value.get("collation"):
        words.append(f"COLLATE {value['collation']}")
    if value.get("generated"):
        words.append(f"GENERATED ALWAYS AS ({value['generated']}) {str(value['generated_kind']).upper()}")
    if value.get("identity_kind"):
        words.append(f"GENERATED {str(value['identity_kind']).upper()} AS IDENTITY")
    if value.get("default"):
        words.append(f"DEFAULT {value['default']}")
    if value.get("not_null"):
        words.append("NOT NULL")
    return " ".join(words)


def _fix(change: Change, sql: str | None) -> Fix | None:
    if change.equivalence is not None or change.attribute == "comment":
        return None
    if sql is not None:
        return Fix(text="Create it on the target as the source has it.", sql=sql)
    if change.change == "added" and change.severity is not Severity.COSMETIC:
        return Fix(
            text="Decide whether the target may keep it: as it is, it refuses or changes what the source accepts."
        )
    if change.change == "altered" and change.severity is not Severity.COSMETIC:
        return Fix(text="The plan that re-creates the tables which differ makes it as the source has it.")
    return None


def _rename(each: RenameSuggestion) -> Finding:
    return Finding(
        code="TAB004" if each.kind == "table" else "COL007",
        severity=Severity.COSMETIC,
        stage=STAGE,
        object=FoundObject(kind=each.kind, identity=each.source),
        title=f"{each.kind} {each.source} may be called {each.target} on the target",
        table=each.source if each.kind == "table" else each.source.rpartition(".")[0],
        evidence=(
            Evidence(label="name", source=each.source, target=each.target),
            *(Evidence(label="evidence", text=text) for text in each.evidence),
            Evidence(label="found of what was looked for", text=f"{each.confidence:.0%}"),
        ),
        fix=Fix(
            text="If it is the same, declare it in the configuration, under [schema.renames]: "
            f'"{each.source}" = "{each.target}"; rows then move by a mapping.'
        ),
    )


def _order(each: ColumnOrder) -> Finding:
    return Finding(
        code="COL010",
        severity=Severity.COSMETIC,
        stage=STAGE,
        object=FoundObject(kind="table", identity=each.table),
        title=f"columns of table {each.table} stand in another order on the target",
        table=each.table,
        evidence=(Evidence(label="order", source=", ".join(each.source), target=", ".join(each.target)),),
    )
