"""What a data layer is built from, and what every data layer offers."""

from __future__ import annotations

from typing import Protocol


class LayerContext(Protocol):
    """Where the two backends answer. A layer uses what is its own and leaves the rest alone."""

    @property
    def dsn(self) -> str:
        """The DSN of the database, for a layer that speaks SQL."""
        ...

    @property
    def rest_url(self) -> str:
        """The URL of the Supabase project; `/rest/v1` is appended by its client."""
        ...

    @property
    def api_key(self) -> str:
        """The key of the Supabase project that the layer uses: service_role's."""
        ...
