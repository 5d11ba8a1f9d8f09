"""Reads and writes the state of conversations through REST."""

from __future__ import annotations

from supabase import Client

from harness.datalayer.database import Row
from harness.reference.supabase_domains import requests
from harness.reference.tables import DIALOG_CONTEXTS


class DialogContexts:
    """The conversations, each under the chat address of the person who writes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_user(self, user_id: str) -> Row | None:
        """A conversation by the key."""
        return requests.one(self._client.table(DIALOG_CONTEXTS.name).select("*").eq("user_id", user_id))

    def upsert(self, row: Row) -> Row:
        """Write a conversation."""
        return requests.upserted(self._client, DIALOG_CONTEXTS, row)
