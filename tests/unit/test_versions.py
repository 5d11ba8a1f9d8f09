"""Versions: options that the target's server does not know are no difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.model.replication import Subscription
from tests.unit.catalogs import SERVER


def _catalog(version: int, run_as_owner: str) -> Catalog:
    subscription = Subscription(name="from_head_office", run_as_owner=run_as_owner)
    return Catalog(server=replace(SERVER, version_number=version), scope=None, subscriptions=(subscription,))


@pytest.mark.parametrize(("target", "told"), [(150000, []), (160000, ["run_as_owner"])])
def test_who_a_subscription_runs_as_is_told_where_the_target_can_be_told(target: int, told: list[str]) -> None:
    changes = diff(_catalog(180000, "false"), _catalog(target, "true"))
    assert [each.attribute for each in changes] == told
