"""Replaying: differences of texts that PostgreSQL wrote are settled by having one scratch server read both."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType

import psycopg
from psycopg import sql

from harness.core.diff import Settle
from harness.core.differences import Difference
from harness.core.model.catalog import Catalog
from harness.core.replay.questions import Question, questions
from harness.core.replay.surroundings import Names, surroundings
from harness.core.rules import with_target_names
from harness.core.settled_texts import settled
from harness.embedded.binaries import Installation, installations
from harness.embedded.server import Server
from harness.errors import LocalStackError
from harness.postgres.connect import Connection
from harness.postgres.replay import same, surround
from harness.postgres.scratch import SETTINGS

MEMORY = 1 << 30
"""Bytes that must be free for the server to be kept in memory: it holds empty tables"""
_NAMES = ("source", "target")
"""Of the databases: one for each side's surroundings"""
_VERSION_DIGITS = 10_000

Databases = Callable[[], AbstractContextManager[tuple[Connection, Connection]]]


def replaying(
    source: Catalog,
    target: Catalog,
    renames: Mapping[str, str] = MappingProxyType({}),
    *,
    databases: Databases | None = None,
) -> Settle:
    """What takes out the differences whose texts mean the same, for a comparison of these catalogs.

    A server is started where texts differ and could mean the same, and once for all that is asked later. Where this
    machine has no PostgreSQL, and for texts that the server cannot read, their syntax decides. `renames`: the source's
    names to the target's, as a configuration declares them. `databases`: two empty databases on a server that is there
    already, where no server shall be started.
    """
    known: dict[tuple[object, ...], bool | None] = {}

    def settle(found: Iterable[Difference]) -> list[Difference]:
        listed = list(found)
        asked = questions(listed)
        unknown = [each for each in asked if _mark(each) not in known]
        if unknown:
            renamed, _ = with_target_names(source, target, renames)
            answers = _answers(unknown, Names(renamed), Names(target), databases)
            known.update(zip(map(_mark, unknown), answers, strict=True))
        verdicts = {id(each.difference): known[_mark(each)] for each in asked}
        read = {id(each.difference) for each in asked if verdicts[id(each.difference)] is not None}
        by_syntax = {id(each) for each in settled(each for each in listed if id(each) not in read)}
        return [each for each in listed if id(each) in by_syntax or verdicts.get(id(each)) is False]

    return settle


def _mark(question: Question) -> tuple[object, ...]:
    each = question.difference
    return (each.object.kind, each.object.key, each.attribute, each.source_value, each.target_value)


def _answers(asked: Sequence[Question], source: Names, target: Names, databases: Databases | None) -> list[bool | None]:
    """None where a text could not be read; all None where there is no server to ask."""
    if databases is None:
        chosen = _chosen(source.catalog, target.catalog)
        if chosen is None:
            return [None] * len(asked)
        databases = functools.partial(_databases, chosen)
    sides = (
        surroundings(
            source,
            [each.difference.source for each in asked if each.difference.source],
            [mine.text for each in asked for mine, _ in each.pairs],
        ),
        surroundings(
            target,
            [each.difference.target for each in asked if each.difference.target],
            [its.text for each in asked for _, its in each.pairs],
        ),
    )
    try:
        with databases() as (ours, theirs):
            for connection, groups in zip((ours, theirs), sides, strict=True):
                surround(connection, groups)
            return [same(each, ours, theirs) for each in asked]
    except (LocalStackError, psycopg.Error):
        return [None] * len(asked)


def _chosen(source: Catalog, target: Catalog) -> Installation | None:
    """The nearest version that knows what both sides know, or the newest there is."""
    needed = max(catalog.server.version_number for catalog in (source, target)) // _VERSION_DIGITS
    there = installations()
    later = [each for each in there if each.major >= needed]
    if later:
        return min(later, key=lambda each: each.major)
    return max(there, key=lambda each: each.version) if there else None


@contextlib.contextmanager
def _databases(chosen: Installation) -> Iterator[tuple[Connection, Connection]]:
    with Server.start(installation=chosen, settings=SETTINGS, memory=MEMORY) as server, contextlib.ExitStack() as stack:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            for name in _NAMES:
                create = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                admin.execute(sql.SQL(create).format(sql.Identifier(name)))
        ours, theirs = (stack.enter_context(psycopg.connect(server.dsn(name), autocommit=True)) for name in _NAMES)
        yield ours, theirs
