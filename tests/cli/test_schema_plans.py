"""`pgparity schema align` and `apply`: hazards that must be allowed, the proof, plans that are kept and used later."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from harness.core.align.exact import plan as exact
from harness.core.align.exact.plan import exact_plan
from harness.core.plan import Plan, Step
from harness.render.secrets import NOT_WHOLE
from harness.stages import proof
from tests.cli.conftest import Pgparity
from tests.cli.test_bad_input import refused
from tests.cli.test_schema import _load
from tests.cli.test_schema_policy import NEEDING, OWN, PLATFORM
from tests.cli.test_schema_sides import files

OLD = (
    "CREATE SCHEMA audit",
    "CREATE TABLE audit.log (id int PRIMARY KEY, said text NOT NULL)",
    "CREATE TABLE clients (id int PRIMARY KEY, phone text NOT NULL CHECK (phone <> ''))",
    "CREATE INDEX clients_phone ON clients (phone)",
)
NEW = (
    "CREATE SCHEMA audit",
    "CREATE TABLE audit.log (id int PRIMARY KEY, said text)",
    "CREATE TABLE clients (id int PRIMARY KEY, phone text, vip bool)",
)
EXACT = ("--strategy", "exact")


def _pair(database: str, newer_database: str) -> tuple[str, ...]:
    _load(database, *OLD)
    _load(newer_database, *NEW)
    return ("--source", database, "--target", newer_database)


def test_a_hazard_that_was_not_allowed_is_refused_by_name(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    pair = _pair(database, newer_database)
    plan = ("schema", "align", *pair, *EXACT, "--no-proof")
    said = refused(here(*plan, "--allow", "lock"), "hazards that were not allowed", "data loss (1 step)")
    assert "--allow data-loss" in said
    refused(here(*plan, "--allow", "data-loss"), "lock (")
    shown = here(*plan)
    assert shown.returncode == 0, shown.stderr
    assert "DROP COLUMN vip" in shown.stdout
    assert here(*plan, "--allow", "data-loss", "--allow", "lock", "--allow", "rewrite").returncode == 0
    assert here(*plan, "--allow", "all").returncode == 0


def test_a_plan_is_proved_kept_applied_once_and_stale_then(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    pair = _pair(database, newer_database)
    done = here("schema", "align", *pair, *EXACT, "--format", "json", "--output", "plan.json")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("proved: "), done.stderr
    document = json.loads((tmp_path / "plan.json").read_text())
    assert (document["proved"], document["schemas"]) == (True, "all")

    # A file that names one schema does not narrow a plan that was made of all of them.
    (tmp_path / "pgparity.toml").write_text('[scope]\nschemas = ["public"]\n')
    use = ("schema", "apply", "plan.json", "--target", newer_database)
    refused(here(*use, "--allow", "all"), "the plan was not applied", "--yes")
    refused(here(*use, "--yes", "--allow", "lock"), "data loss")
    applied = here(*use, "--allow", "all", "--yes")
    assert applied.returncode == 0, applied.stderr
    (tmp_path / "pgparity.toml").unlink()
    after = here("schema", "diff", *pair)
    assert after.returncode == 0, after.stdout
    refused(here(*use, "--allow", "all", "--yes"), "the target has changed since the plan was made")


def test_a_plan_out_of_a_report_that_lost_a_key_is_not_applied(here: Pgparity, tmp_path: Path) -> None:
    step = Step(sql=f"{NOT_WHOLE}\nALTER ROLE app PASSWORD ***;", why="as there", kind="role", identity="app")
    plan = Plan(strategy="exact", source_fingerprint="a", target_fingerprint="b", steps=(step,))
    (tmp_path / "plan.json").write_text(plan.to_json())
    use = ("schema", "apply", "plan.json", "--target", "host=127.0.0.1 port=1", "--yes")
    refused(here(*use), "taken from a report", "schema align --format json")


def _planned_by(planner: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans are made by it; what the proof itself plans is not."""
    monkeypatch.setattr(proof, "exact_plan", exact_plan)
    monkeypatch.setattr(exact, "exact_plan", planner)


def test_a_plan_that_leaves_something_is_not_proved_and_says_what(
    here: Pgparity, database: str, newer_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(*given: object, **options: object) -> Plan:
        plan = exact_plan(*given, **options)  # type: ignore[arg-type]
        kept = [each for each in plan.steps if not each.identity.endswith(".clients_phone")]
        return plan.model_copy(update={"steps": tuple(kept)})

    _planned_by(forgetful, monkeypatch)
    done = here("schema", "align", *_pair(database, newer_database), *EXACT)
    assert done.returncode == 0
    left = "removed index public.clients.clients_phone"
    assert done.stderr == f"not proved: on a scratch copy 1 change is left, such as {left}\n"


def test_a_plan_that_fails_is_not_proved_and_says_what_the_server_said(
    here: Pgparity, database: str, newer_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **options: object) -> Plan:
        plan = exact_plan(*given, **options)  # type: ignore[arg-type]
        first = plan.steps[0].model_copy(update={"sql": "ALTER TABLE public.nowhere ADD x int;"})
        return plan.model_copy(update={"steps": (first, *plan.steps[1:])})

    _planned_by(broken, monkeypatch)
    done = here("schema", "align", *_pair(database, newer_database), *EXACT)
    assert "not proved: step 1 of " in done.stderr
    assert 'relation "public.nowhere" does not exist' in done.stderr


def test_what_lies_outside_the_scope_by_decision_does_not_count_in_the_proof(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    pair = _pair(database, newer_database)
    (tmp_path / "pgparity.toml").write_text(
        '[scope]\nschemas = ["public", "audit"]\n[scope.exclude]\n"audit.log" = "kept as it is"\n'
    )
    done = here("schema", "align", *pair, *EXACT)
    assert done.stderr.startswith("proved: "), done.stderr
    assert "audit" not in done.stdout


@pytest.mark.long
def test_with_a_policy_the_proof_stands_on_what_the_platform_has_on_the_target(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    """The foreign key, policy and default of the user's need auth.users and auth.uid(), which no plan makes."""
    whole = files(tmp_path / "whole", a=PLATFORM, b=OWN, c=NEEDING)
    for name, folder in (
        ("source", whole),
        ("platform", files(tmp_path / "platform", a=PLATFORM, b=OWN)),
        ("bare", files(tmp_path / "bare", a=OWN)),
    ):
        taken = here("schema", "snapshot", "--database", folder, "--output", f"{name}.json")
        assert taken.returncode == 0, taken.stderr
    plan = ("schema", "align", "--policy", "supabase", *EXACT)
    same = here(*plan, "--source", "source.json", "--target", "platform.json")
    assert same.stderr.startswith("proved: "), same.stderr
    assert "REFERENCES auth.users" in same.stdout
    assert "CREATE TABLE auth" not in same.stdout
    undone = here(*plan, "--source", "platform.json", "--target", "source.json")
    assert undone.stderr.startswith("proved: "), undone.stderr
    elsewhere = here(*plan, "--source", "source.json", "--target", "bare.json")
    assert "not proved: " in elsewhere.stderr
    assert ", which the target has not (PLT00" in elsewhere.stderr


def test_a_role_that_the_target_has_not_is_no_surprise_after_a_proof(
    here: Pgparity, database: str, newer_database: str
) -> None:
    owned = ("CREATE ROLE of_the_source", "CREATE TABLE t (id int)", "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS of_the_source")
    _load(database, *owned, "CREATE POLICY p ON t TO of_the_source USING (true)")
    _load(newer_database, *owned[1:])
    done = here("schema", "align", "--source", database, "--target", newer_database, *EXACT)
    assert "not proved: " in done.stderr
    assert 'role "of_the_source" does not exist' in done.stderr
    _load(database, "DROP TABLE t", "DROP ROLE of_the_source")
