"""Reads and writes the state of conversations."""

from __future__ import annotations

from collections.abc import Mapping

from harness.datalayer.filters import eq
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row


class DialogContextRepository:
    """The conversations, each under the chat address of the person who writes."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def of_user(self, user_id: str) -> Row | None:
        """A conversation by the key."""
        return self.base.find_one([eq("user_id", user_id)])

    def upsert(self, row: Mapping[str, object]) -> Row:
        """Write a conversation."""
        return self.base.upsert(row)
