"""Reads and writes the state of conversations."""

from __future__ import annotations

from collections.abc import Mapping

from harness.datalayer.database import Database, Row
from harness.datalayer.filters import eq
from harness.datalayer.repository import Repository
from harness.reference.tables import DIALOG_CONTEXTS


class DialogContextRepository:
    """The conversations, each under the chat address of the person who writes."""

    def __init__(self, database: Database) -> None:
        self.base = Repository(database, DIALOG_CONTEXTS)

    def of_user(self, user_id: str) -> Row | None:
        """A conversation by the key."""
        return self.base.find_one([eq("user_id", user_id)])

    def upsert(self, row: Mapping[str, object]) -> Row:
        """Write a conversation."""
        return self.base.upsert(row)
