"""Reads and writes companies."""

from __future__ import annotations

from collections.abc import Mapping

from harness.datalayer.filters import eq
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row


class CompanyRepository:
    """The companies."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def with_company_id(self, company_id: int) -> Row | None:
        """A company by the key."""
        return self.base.find_one([eq("company_id", company_id)])

    def upsert(self, row: Mapping[str, object]) -> Row:
        """Write a company."""
        return self.base.upsert(row)
