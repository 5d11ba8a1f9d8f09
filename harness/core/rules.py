"""Rules: what the configuration says about a schema comparison: declared renames, and changes that are ignored."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core.change import Change
from harness.core.configuration import SchemaSection
from harness.core.model.catalog import Catalog, Unmodelled
from harness.core.model.privileges import Privilege
from harness.core.model.relations import Column, Sequence, Table
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import qualified, quote, split
from harness.errors import ConfigurationError

_PARTITION = re.compile(r"(.*?)( FOR VALUES .*| DEFAULT)\Z", re.DOTALL)
_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|[^\W\d][\w$]*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rules:
    """`renames`: identity on the source to the target's; `ignore`: pattern (kind:identity or identity) to reason."""

    renames: Mapping[str, str] = field(default_factory=dict)
    ignore: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, section: SchemaSection) -> Rules:
        """The rules of a configuration."""
        return cls(section.renames, section.ignore)

    def reason_to_ignore(self, change: Change | Unmodelled) -> str | None:
        """The reason of the first pattern that names the object; None: it counts."""
        return next(
            (
                reason
                for pattern, reason in self.ignore.items()
                if fnmatch.fnmatchcase(change.identity, pattern)
                or fnmatch.fnmatchcase(f"{change.kind}:{change.identity}", pattern)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Renamed:
    """A declared rename that was applied."""

    kind: str
    source: str
    target: str


def with_target_names(
    source: Catalog, target: Catalog, renames: Mapping[str, str]
) -> tuple[Catalog, tuple[Renamed, ...]]:
    """The source's catalog under the target's names, and what was renamed.

    Names are replaced in keys, in lists of columns, and in the definitions of the tables' own constraints, indexes,
    triggers, policies and expressions; the texts of views and routines stay as they are, so that these show as altered.
    ConfigurationError: a rename speaks of a table or column that is not there.
    """
    if not renames:
        return source, ()
    names = _Names(source, target, renames)
    return (
        replace(
            source,
            tables=tuple(names.of_table(each) for each in source.tables),
            columns=tuple(names.of_column(each) for each in source.columns),
            constraints=tuple(names.of_constraint(each) for each in source.constraints),
            indexes=tuple(names.of_index(each) for each in source.indexes),
            sequences=tuple(names.of_sequence(each) for each in source.sequences),
            triggers=tuple(names.of_trigger(each) for each in source.triggers),
            policies=tuple(names.of_policy(each) for each in source.policies),
            privileges=tuple(names.of_privilege(each) for each in source.privileges),
            views=tuple(
                replace(each, depends_on=tuple(names.relation(name) for name in each.depends_on))
                for each in source.views
            ),
            dependencies=tuple(
                replace(each, identity=names.any(each.identity), on_identity=names.any(each.on_identity))
                for each in source.dependencies
            ),
        ),
        tuple(names.renamed),
    )


class _Names:
    """The source's names of tables and columns to the target's."""

    def __init__(self, source: Catalog, target: Catalog, renames: Mapping[str, str]) -> None:
        self.tables: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.columns: dict[tuple[str, ...], str] = {}
        self.renamed: list[Renamed] = []
        ours = {each.key: each.kind for each in (*source.tables, *source.columns)}
        theirs = {each.key for each in (*target.tables, *target.columns)}
        pairs = [(_parts(old), _parts(new)) for old, new in renames.items()]
        for old, new in sorted(pairs, key=lambda pair: len(pair[0])):
            _check(old, new, ours, theirs)
            if len(old) == 2:
                self.tables[old] = new
            else:
                if new[:2] != self.tables.get(old[:2], old[:2]):
                    raise ConfigurationError(
                        f"schema.renames: {qualified(*old)} cannot become a column of another table",
                        hint="Declare the rename of its table too, or map the column under [mapping].",
                    )
                self.columns[old] = new[2]
            self.renamed.append(Renamed(ours[old], qualified(*old), qualified(*new)))

    def relation(self, identity: str) -> str:
        parts = split(identity)
        return qualified(*self.tables.get(parts, parts))

    def any(self, identity: str) -> str:
        """An identity of a table or of something in one; a routine's has parentheses and stays."""
        if "(" in identity:
            return identity
        parts = split(identity)
        table = self.tables.get(parts[:2], parts[:2])
        return qualified(*table, *(self.columns.get(parts, part) for part in parts[2:]))

    def column(self, schema: str, table: str, name: str) -> str:
        return self.columns.get((schema, table, name), name)

    def text(self, text: str, schema: str, table: str) -> str:
        """A deparsed text with the table's columns, and qualified tables, under their new names."""
        tokens = [token[0] for token in _TOKEN.finditer(text)]
        bare = [_unquoted(token) for token in tokens]
        for place in range(len(tokens) - 2):
            key = (bare[place], bare[place + 2])
            if tokens[place + 1] == "." and key in self.tables:
                tokens[place], tokens[place + 2] = (quote(part) for part in self.tables[key])
                bare[place] = bare[place + 2] = ""
        return "".join(
            quote(self.columns[schema, table, name]) if (schema, table, name) in self.columns else token
            for token, name in zip(tokens, bare, strict=True)
        )

    def of_table(self, each: Table) -> Table:
        schema, name = self.tables.get(each.key, each.key)
        parent = each.partition_of
        if parent and (match := _PARTITION.match(parent)):
            parent = self.relation(match[1]) + match[2]
        key = each.partition_key and self.text(each.partition_key, each.schema, each.name)
        inherits = tuple(self.relation(name) for name in each.inherits)
        return replace(each, schema=schema, name=name, partition_of=parent, partition_key=key, inherits=inherits)

    def _placed(self, schema: str, table: str) -> dict[str, Any]:
        schema, table = self.tables.get((schema, table), (schema, table))
        return {"schema": schema, "table": table}

    def _texts(self, each: Column | Policy | Index, *attributes: str) -> dict[str, Any]:
        rewrite: Callable[[str], str] = lambda text: self.text(text, each.schema, each.table)  # noqa: E731
        return {name: getattr(each, name) and rewrite(getattr(each, name)) for name in attributes}

    def of_column(self, each: Column) -> Column:
        name = self.column(*each.key)
        texts = self._texts(each, "generated")
        return replace(each, name=name, **texts, **self._placed(each.schema, each.table))

    def of_constraint(self, each: Constraint) -> Constraint:
        own, arrow, other = each.definition.partition(" REFERENCES ")
        definition = self.text(own, each.schema, each.table)
        references, columns = each.references, each.references_columns
        if arrow and references:
            schema, table = split(references)
            definition += arrow + self.text(other, schema, table)
            references = self.relation(references)
            columns = tuple(self.column(schema, table, name) for name in columns)
        return replace(
            each,
            definition=definition,
            columns=tuple(self.column(each.schema, each.table, name) for name in each.columns),
            references=references,
            references_columns=columns,
            **self._placed(each.schema, each.table),
        )

    def of_index(self, each: Index) -> Index:
        columns = tuple(
            self.text(name, each.schema, each.table) if name.startswith("(")
            else self.column(each.schema, each.table, name)
            for name in each.columns
        )  # fmt: skip
        texts = self._texts(each, "definition", "predicate")
        return replace(each, columns=columns, **texts, **self._placed(each.schema, each.table))

    def of_sequence(self, each: Sequence) -> Sequence:
        return each if each.owned_by is None else replace(each, owned_by=self.any(each.owned_by))

    def of_trigger(self, each: Trigger) -> Trigger:
        definition = self.text(each.definition, each.schema, each.table)
        return replace(each, definition=definition, **self._placed(each.schema, each.table))

    def of_policy(self, each: Policy) -> Policy:
        texts = self._texts(each, "using", "check")
        return replace(each, **texts, **self._placed(each.schema, each.table))

    def of_privilege(self, each: Privilege) -> Privilege:
        if each.object_kind not in ("table", "column"):
            return each
        relation = self.relation(each.relation) if each.relation else ""
        return replace(each, object=self.any(each.object), relation=relation)


def _parts(name: str) -> tuple[str, ...]:
    try:
        parts = split(name)
    except ValueError:
        parts = ()
    if len(parts) not in (2, 3):
        raise ConfigurationError(
            f"schema.renames: {name!r} names no table and no column", hint="Write schema.table or schema.table.column."
        )
    return parts


def _check(
    old: tuple[str, ...], new: tuple[str, ...], ours: Mapping[tuple[str, ...], str], theirs: set[tuple[str, ...]]
) -> None:
    if len(old) != len(new):
        raise ConfigurationError(
            f"schema.renames: {qualified(*old)} and {qualified(*new)} are not of one kind",
            hint="A table becomes a table, a column a column.",
        )
    for name, there, side in ((old, old in ours, "source"), (new, new in theirs, "target")):
        if not there:
            raise ConfigurationError(
                f"schema.renames: {qualified(*name)} does not exist on the {side}",
                hint="A rename goes from the source's name to the target's.",
            )


def _unquoted(token: str) -> str:
    """A name as the catalog has it; strings and signs have none."""
    if token.startswith('"') and len(token) > 1:
        return token[1:-1].replace('""', '"')
    return token if token[:1].isidentifier() else ""
