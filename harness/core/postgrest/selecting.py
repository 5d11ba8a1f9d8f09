"""The grammar of `select=`: columns, casts, aggregates, embedded and spread resources."""

from __future__ import annotations

from typing import Literal

from harness.core.postgrest import names
from harness.core.postgrest.model import Aggregate, Field, SelectField, SelectItem, SelectRelation
from harness.core.postgrest.scanner import NoMatch, Scanner

_AGGREGATES: tuple[Aggregate, ...] = ("sum", "avg", "count", "max", "min")
# of these a beginning is taken back, of the others it is final
_ATTEMPTED = frozenset({"max", "min"})
Join = Literal["inner", "left"]


def items(scanner: Scanner) -> tuple[SelectItem, ...]:
    """Items separated by commas; none at all is allowed."""
    start = scanner.position
    try:
        return tuple(scanner.separated(_item, names.comma))
    except NoMatch:
        if scanner.position != start:
            raise
        return ()


def _item(scanner: Scanner) -> SelectItem:
    scanner.skip_blanks()
    relation = scanner.attempt(_spread_head) or scanner.attempt(_relation_head)
    if relation is None:
        return _field(scanner)
    # from here on there is no way back: a name and a parenthesis can only be an embedded resource
    scanner.expect("(")
    inner = items(scanner)
    scanner.expect(")")
    return SelectRelation(relation.name, inner, relation.alias, relation.hint, relation.join, spread=relation.spread)


def _alias(scanner: Scanner) -> str:
    alias = names.name(scanner)
    scanner.expect(":")
    if scanner.looking_at(":"):
        raise scanner.refuse()
    return alias


def _spread_head(scanner: Scanner) -> SelectRelation:
    scanner.string("...")
    target = names.name(scanner)
    hint, join = _embed_parameters(scanner)
    _parenthesis_ahead(scanner)
    return SelectRelation(target, (), None, hint, join, spread=True)


def _relation_head(scanner: Scanner) -> SelectRelation:
    alias = scanner.attempt(_alias)
    quoted = scanner.looking_at('"')
    target = names.name(scanner)
    if target == "count" and not quoted:
        raise NoMatch
    hint, join = _embed_parameters(scanner)
    _parenthesis_ahead(scanner)
    return SelectRelation(target, (), alias, hint, join)


def _parenthesis_ahead(scanner: Scanner) -> None:
    if not scanner.looking_at("("):
        scanner.expect("(")


def _embed_parameters(scanner: Scanner) -> tuple[str | None, Join | None]:
    hint: str | None = None
    join: Join | None = None
    for _ in range(2):
        if not scanner.accept("!"):
            break
        if scanner.accept("left"):
            join = join or "left"
        elif scanner.accept("inner"):
            join = join or "inner"
        else:
            found = names.name(scanner)
            hint = hint if hint is not None else found
    return hint, join


def _field(scanner: Scanner) -> SelectField:
    found = scanner.attempt(_star) or scanner.attempt(_count)
    if found is not None:
        return found
    alias = scanner.attempt(_alias)
    column = names.field(scanner)
    cast = _cast(scanner)
    aggregate = scanner.attempt(_aggregate)
    aggregate_cast = _cast(scanner)
    _item_ends(scanner)
    scanner.skip_blanks()
    return SelectField(column, alias, cast, aggregate, aggregate_cast)


def _star(scanner: Scanner) -> SelectField:
    scanner.expect("*")
    _item_ends(scanner)
    scanner.skip_blanks()
    return SelectField(Field("*"))


def _count(scanner: Scanner) -> SelectField:
    alias = scanner.attempt(_alias)
    scanner.string("count()")
    cast = _cast(scanner)
    _item_ends(scanner)
    scanner.skip_blanks()
    return SelectField(Field("*"), alias, None, "count", cast)


def _cast(scanner: Scanner) -> str | None:
    if not scanner.looking_at(":"):
        scanner.accept("::")
        return None
    scanner.string("::")
    return names.identifier(scanner)


def _aggregate(scanner: Scanner) -> Aggregate:
    scanner.expect(".")
    for aggregate in _AGGREGATES:
        if scanner.looking_at(aggregate[0]) and aggregate not in _ATTEMPTED:
            scanner.string(aggregate)
        elif not scanner.accept(aggregate):
            continue
        scanner.string("()")
        return aggregate
    raise NoMatch


def _item_ends(scanner: Scanner) -> None:
    if scanner.looking_at(")") or scanner.looking_at(","):
        return
    scanner.accept(")")
    scanner.accept(",")
    scanner.end()
