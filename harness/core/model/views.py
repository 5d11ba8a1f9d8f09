"""Columns of views, and rules: what a view or a table rewrites its queries by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import TablePart, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn(TablePart):
    """What is said of a column of a view or materialised view beyond its query; the view has its name and type."""

    kind: ClassVar[str] = "view column"
    told_as: ClassVar[str] = "column"
    told_whole: ClassVar[bool] = False
    default: str | None = None
    """What an INSERT into the view takes, as pg_get_expr deparses it with an empty search_path"""
    storage: str | None = None
    """plain, external, extended or main; None: that of the type"""
    compression: str | None = None
    """pglz or lz4; None: the server's default"""
    statistics: int | None = None
    """Target of ANALYZE; None: the server's default"""
    options: tuple[str, ...] = ()
    """n_distinct=…, n_distinct_inherited=…, sorted"""
    comment: str | None = None
    type_storage: str = measured("")
    """Storage of its type"""
    of_materialized: bool = measured(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(TablePart):
    """A rewrite rule that a user made on a table or a view."""

    kind: ClassVar[str] = "rule"
    definition: str
    """As pg_get_ruledef deparses it, from ON on: without CREATE RULE and the rule's name"""
    enabled: str = "origin"
    """origin, replica, always or disabled"""
    comment: str | None = None
    of_view: bool = measured(False)
    """It stands on a view, which takes writes because of it"""

    @property
    def signature(self) -> str | None:
        """Two rules of one table with the same definition do the same."""
        return self.definition
