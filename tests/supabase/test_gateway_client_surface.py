"""Everything that the builders of supabase-py can send is known here: a method that is new fails this test."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgrest import (
    SyncFilterRequestBuilder,
    SyncMaybeSingleRequestBuilder,
    SyncPostgrestClient,
    SyncRequestBuilder,
    SyncRPCFilterRequestBuilder,
    SyncSelectRequestBuilder,
    SyncSingleRequestBuilder,
)

BUILDERS = (
    SyncFilterRequestBuilder,
    SyncMaybeSingleRequestBuilder,
    SyncRPCFilterRequestBuilder,
    SyncRequestBuilder,
    SyncSelectRequestBuilder,
    SyncSingleRequestBuilder,
)
# what does not change a request: how often it is sent, and how the client itself is opened and closed
NOT_SENT = {"retry"}
CLIENT = {"rpc", "schema"}


def _public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def _methods() -> list[str]:
    return sorted(set().union(*(_public(builder) for builder in BUILDERS)) - NOT_SENT | CLIENT)


@pytest.mark.parametrize("method", _methods())
def test_a_method_of_the_client_is_exercised_by_a_test_of_the_gateway(method: str) -> None:
    tests = Path(__file__).parent.glob("test_gateway_*.py")
    assert any(f".{method}(" in text or f".{method}." in text for text in (file.read_text("utf-8") for file in tests))


def test_the_client_has_the_calls_that_are_counted_on() -> None:
    assert _public(SyncPostgrestClient) >= CLIENT
