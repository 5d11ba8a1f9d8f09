"""Parameters: options of tables, indexes, views and columns (name=value) as WITH, SET and RESET take them."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.names import literal, quote


def said(options: Iterable[str]) -> str:
    """The options with their values: fillfactor='70', toast.autovacuum_enabled='false'."""
    return ", ".join(f"{_written(name)}={literal(value)}" for name, value in map(_parts, options))


def with_clause(options: Iterable[str]) -> str:
    """WITH (…) with a blank before it; nothing for no options."""
    words = said(options)
    return f" WITH ({words})" if words else ""


def changes(now: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """SET (…) and RESET (…), after which the options are those that are wanted, in their order.

    PostgreSQL appends what is set to what is there, also where it had another value. SET comes first, so that no option
    that stays is missing for a moment (security_invoker).
    """
    there, asked = list(now), list(wanted)
    kept = [option for option in there if option in asked]
    while kept != asked[: len(kept)]:
        kept.pop()
    names = {_parts(option)[0] for option in asked}
    gone = [_written(name) for name, _ in map(_parts, there) if name not in names]
    clauses = [f"SET ({said(asked[len(kept) :])})"] if asked[len(kept) :] else []
    return [*clauses, f"RESET ({', '.join(gone)})"] if gone else clauses


def _parts(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def _written(name: str) -> str:
    """One of the TOAST table has a prefix, which is no part of a quoted name."""
    return ".".join(quote(part) for part in name.split("."))
