"""The data layer on Supabase: every method of the application, through the unmodified supabase-py client."""

from __future__ import annotations

from supabase import Client

from harness.datalayer.supabase import client as supabase_client
from harness.datalayer.supabase.repository import SupabaseRepository
from harness.reference.context import LayerContext
from harness.reference.salon_layer import SalonLayer


class SupabaseLayer(SalonLayer):
    """The application's methods over REST."""

    def __init__(self, client: Client) -> None:
        super().__init__(lambda table: SupabaseRepository(client, table), lambda: supabase_client.close(client))


def create(context: LayerContext) -> SupabaseLayer:
    """The layer on the project of `context.rest_url`; raises where URL or key cannot be used.

    No request is sent twice: a comparison has to see every answer, the first one too.
    """
    return SupabaseLayer(supabase_client.supabase_client(context.rest_url, context.api_key))
