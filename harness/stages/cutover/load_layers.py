"""The data layer that a load writes through: the reference application's, with the same methods on both backends."""

from __future__ import annotations

from typing import Any, Final

from harness.datalayer.envelope import Envelope
from harness.datalayer.methods import Method, reads, writes
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.datalayer.supabase import client as supabase_client
from harness.datalayer.switching.switches import Switches
from harness.errors import ConfigurationError
from harness.reference.salon_layer import SalonLayer
from harness.reference.supabase_layer import SupabaseLayer
from harness.reference.transactional_layer import TransactionalLayer

Row = dict[str, Any]
METHODS: Final[dict[str, Method]] = {
    "upsert_client": writes("clients", key="data.company_id"),
    "upsert_booking": writes("bookings", key="data.company_id"),
    "upsert_dialog_context": writes("dialog_contexts", key="user_id"),
    "create_booking_with_client": writes("bookings", key="client.company_id"),
    "find_client": reads("clients", key="company_id"),
    "find_conversation": reads("dialog_contexts", key="user_id"),
}
CALL_SECONDS: Final = 5.0
"""So long a call may take; a write without an answer is sent again with the same token"""
CONNECT_SECONDS: Final = 2.0


class LoadLayer:
    """What the load calls of the application."""

    def __init__(self, salon: SalonLayer) -> None:
        self._salon = salon

    def upsert_client(self, data: Row) -> Envelope:
        """Write a client."""
        return self._salon.upsert_client(data)

    def upsert_booking(self, data: Row) -> Envelope:
        """Write a booking."""
        return self._salon.upsert_booking(data)

    def upsert_dialog_context(self, user_id: str, context: Row) -> Envelope:
        """Write the state of a conversation."""
        return self._salon.upsert_dialog_context(user_id, context)

    def create_booking_with_client(self, client: Row, booking: Row) -> Envelope:
        """Write a client and a booking: in one transaction where there are any, else one after the other."""
        if isinstance(self._salon, TransactionalLayer):
            return self._salon.create_booking_with_client(client, booking)
        first = self._salon.upsert_client(client)
        if not first["success"]:
            return first
        theirs = {"client_yclients_id": client["yclients_id"], "client_phone": client["phone"]}
        second = self._salon.upsert_booking({**booking, **theirs})
        data = {"client": first["data"], "booking": second["data"]}
        return {**second, "data": data} if second["success"] else second

    def find_client(self, yclients_id: int, company_id: int) -> Envelope:
        """Read a client."""
        return self._salon.get_client_by_id(yclients_id, company_id)

    def find_conversation(self, user_id: str) -> Envelope:
        """Read the state of a conversation."""
        return self._salon.get_dialog_context(user_id)

    def close(self) -> None:
        """Close the connections."""
        self._salon.close()


def source_layer(switches: Switches) -> LoadLayer:
    """The application on its Supabase project."""
    if switches.supabase_url is None or switches.supabase_key is None:
        raise ConfigurationError("The switches name no Supabase project.", hint="Set SUPABASE_URL and SUPABASE_KEY.")
    client = supabase_client.supabase_client(
        switches.supabase_url,
        switches.supabase_key.get_secret_value(),
        connect_seconds=CONNECT_SECONDS,
        read_seconds=CALL_SECONDS,
    )
    return LoadLayer(SupabaseLayer(client))


def target_layer(switches: Switches, connections: int) -> LoadLayer:
    """The application on PostgreSQL, with a pool of so many connections."""
    settings = PoolSettings(
        max_size=connections,
        connection_timeout=CONNECT_SECONDS,
        statement_timeout=CALL_SECONDS,
        heavy_statement_timeout=CALL_SECONDS,
    )
    return LoadLayer(TransactionalLayer(PooledDatabase(switches.target_conninfo, settings=settings)))
