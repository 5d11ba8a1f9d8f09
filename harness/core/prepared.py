"""What PostgreSQL itself made of a statement on each of the two schemas: types, a refusal, a plan; facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.core.statements import CapturedStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a statement's result."""

    name: str
    type: str
    stored: bool
    """It is a column of a table as it is, and not computed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One use of an index in a plan."""

    relation: str
    """Identity of the table"""
    alias: str
    index: str
    condition: str
    """Index Cond as EXPLAIN deparses it; "": the index is read from end to end, for its order"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A generic plan that was made with every way around an index disabled: what no index serves in it, none can."""

    accesses: tuple[Access, ...] = ()
    sorts: bool = False
    """Something is sorted because no index gives the order"""
    lines: tuple[str, ...] = ()
    """Its nodes, outermost first, without any constant"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What PREPARE and EXPLAIN said of a statement on one schema, where there was no row."""

    sqlstate: str = ""
    """Why it was refused; "": it was accepted"""
    complaint: str = ""
    """The server's words, where they name types, operators and functions alone and no constant of the statement"""
    parameters: tuple[str, ...] = ()
    results: tuple[ResultColumn, ...] = ()
    plan: Plan | None = None
    """None: it has none, or it could not be asked for"""
    ordered: Plan | None = None
    """The same where sorting is disabled too; None: nothing is ordered"""

    @property
    def accepted(self) -> bool:
        """Whether every name, operator, function and cast in it was resolved."""
        return not self.sqlstate


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPair:
    """The same statement on both schemas."""

    source: Prepared
    target: Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What both servers say of each SQL statement, and of that which a request to a REST interface becomes."""

    pairs: Mapping[CapturedStatement, PreparedPair] = field(default_factory=dict)
    missing: str = ""
    """Why there are none, where they were wanted"""


UNPREPARED = Preparation()
