"""Relays between a data layer and its server: they see on the wire which server answered, whatever language asked."""

from __future__ import annotations

from harness.wire.http import http_relay, url_through
from harness.wire.journal import Exchange, ServerIdentity, counted
from harness.wire.postgres import dsn_through, postgres_relay
from harness.wire.relay import Relay

__all__ = [
    "Exchange",
    "Relay",
    "ServerIdentity",
    "counted",
    "dsn_through",
    "http_relay",
    "postgres_relay",
    "url_through",
]
