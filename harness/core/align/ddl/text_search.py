"""DDL of text search configurations, dictionaries, parsers and templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.model.text_search import (
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
)


def _named(each: CatalogObject) -> str:
    return f"{each.kind.upper()} {each.identity}"


def _of_functions(each: TextSearchParser | TextSearchTemplate, _: Catalog) -> Made:
    names = ("start", "gettoken", "end", "headline", "lextypes", "init", "lexize")
    clauses = [f"{name.upper()} = {value}" for name in names if (value := getattr(each, name, None))]
    return [Statement(sql=f"CREATE {_named(each)} ({', '.join(clauses)});")]


def _create_dictionary(each: TextSearchDictionary, _: Catalog) -> Made:
    clauses = ", ".join([f"TEMPLATE = {each.template}", *each.options])
    return [Statement(sql=f"CREATE {_named(each)} ({clauses});")]


def _alter_dictionary(
    now: TextSearchDictionary, wanted: TextSearchDictionary, attributes: frozenset[str], _: Sides
) -> Made | None:
    """All options anew: each goes to the end of the list, which so gets the wanted order."""
    if "template" in attributes:
        return None
    kept = {_option(option) for option in wanted.options}
    gone = [name for option in now.options if (name := _option(option)) not in kept]
    return [Statement(sql=f"ALTER {_named(now)} ({', '.join([*gone, *wanted.options])});")]


def _option(option: str) -> str:
    """Its name, as it is written."""
    return option.partition("=")[0].strip()


def _create_configuration(each: TextSearchConfiguration, _: Catalog) -> Made:
    made = [Statement(sql=f"CREATE {_named(each)} (PARSER = {each.parser});")]
    return [*made, *_mapped(each, "ADD", _mapping(each.mapping))]


def _alter_configuration(
    now: TextSearchConfiguration, wanted: TextSearchConfiguration, attributes: frozenset[str], _: Sides
) -> Made | None:
    """The parser is for life; mappings come and go."""
    if "parser" in attributes:
        return None
    ours, theirs = _mapping(wanted.mapping), _mapping(now.mapping)
    gone = [token for token in theirs if token not in ours]
    made = [Statement(sql=f"ALTER {_named(now)} DROP MAPPING FOR {', '.join(gone)};")] if gone else []
    changed = {token: told for token, told in ours.items() if theirs.get(token, told) != told}
    new = {token: told for token, told in ours.items() if token not in theirs}
    return [*made, *_mapped(now, "ALTER", changed), *_mapped(now, "ADD", new)]


def _mapping(told: Iterable[str]) -> dict[str, str]:
    """Dictionaries by token."""
    return {token: dictionaries for token, _, dictionaries in (each.partition(" WITH ") for each in told)}


def _mapped(each: TextSearchConfiguration, action: str, mapping: Mapping[str, str]) -> Made:
    """A statement for all tokens that have the same dictionaries."""
    tokens: dict[str, list[str]] = {}
    for token, dictionaries in mapping.items():
        tokens.setdefault(dictionaries, []).append(token)
    return [
        Statement(sql=f"ALTER {_named(each)} {action} MAPPING FOR {', '.join(names)} WITH {dictionaries};")
        for dictionaries, names in tokens.items()
    ]


DDL: dict[str, Ddl] = {
    TextSearchParser.kind: Ddl(named=_named, create=_of_functions, drop=plain_drop(_named), owned=False),
    TextSearchTemplate.kind: Ddl(named=_named, create=_of_functions, drop=plain_drop(_named), owned=False),
    TextSearchDictionary.kind: Ddl(
        named=_named, create=_create_dictionary, drop=plain_drop(_named), alter=_alter_dictionary
    ),
    TextSearchConfiguration.kind: Ddl(
        named=_named, create=_create_configuration, drop=plain_drop(_named), alter=_alter_configuration
    ),
}
