"""Row keys: how a row is named in results: by its key, personal parts as a hash, or by a hash where it has no key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from harness.core.masking import is_personal_hash, personal_hash
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.core.record import JsonValue
from harness.core.row_forms import WHOLE_NUMBERS

ROW_KEY: Final = "(row)"
"""What stands for the key of a row in a table that has none: a hash of the row"""


def shown_row_key(
    key: Mapping[str, str],
    values: Sequence[str | None],
    row: object,
    *,
    personal: Collection[str],
    recorded: bool = False,
) -> dict[str, JsonValue]:
    """The key of a row, as it may be shown: whole numbers as numbers, everything else as its text.

    `key`: column to the name of its type in pg_type; `values`: the texts of these columns, in their order; `row`: what
    tells this row from others where there is no key. `recorded`: personal values may be hashes already, and are left as
    they are then.
    """
    if not key:
        return {ROW_KEY: personal_hash(row)}
    shown: dict[str, JsonValue] = {}
    for (name, kind), value in zip(key.items(), values, strict=True):
        if value is None:
            shown[name] = None
        elif name in personal:
            shown[name] = value if recorded and is_personal_hash(value) else personal_hash(value)
        else:
            shown[name] = int(value) if kind in WHOLE_NUMBERS else value
    return shown


def personal_among(names: Iterable[str], projection: TableProjection, declared: Collection[str]) -> frozenset[str]:
    """Which of these columns of the target are personal: those `declared` by identity, by their name on either side."""
    return frozenset(name for name in names if not _identities(name, projection).isdisjoint(declared))


def _identities(name: str, projection: TableProjection) -> set[str]:
    target, source = projection.target, projection.source
    names = {qualified(target.schema, target.name, name), qualified(source.schema, source.name, name)}
    if column := projection.by_name[name].source:
        names.add(qualified(source.schema, source.name, column))
    return names
