"""Versions: what only one of two servers can be told, and what therefore does not count between them."""

from __future__ import annotations

from dataclasses import replace

from harness.core.model.catalog import Catalog

_RUN_AS_OWNER_SINCE = 160000


def without_what_the_target_lacks(source: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """Both catalogs without options that the target's server does not know.

    Subscriptions run as their owner until PostgreSQL 15, whatever is asked for.
    """
    if target.server.version_number >= _RUN_AS_OWNER_SINCE or not (source.subscriptions or target.subscriptions):
        return source, target
    ours, theirs = (
        replace(each, subscriptions=tuple(replace(one, run_as_owner=None) for one in each.subscriptions))
        for each in (source, target)
    )
    return ours, theirs
