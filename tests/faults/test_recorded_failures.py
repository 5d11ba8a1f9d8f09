"""The failures of code that a recorded migration ran into, planted one by one: each is caught, and named right.

The data layers are those of the reference application, the cases those that are generated from its rows, so that
nothing here was made to fit a fault. What the facade refuses at its start is in tests/datalayer/test_facade_start.py.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.core.configuration import Configuration
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.record import Severity, Side
from harness.core.verdict import Status
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint
from harness.reference.data_set import TABLES_IN_SCOPE, data_set
from harness.reference.seed import seed
from harness.stages.methods_alone import compare_methods
from harness.stages.pipeline import RunRequest, run
from harness.stages.scratch import ScratchStack
from tests.api_roles import create_api_roles
from tests.faults.recorded.layers import METHODS
from tests.shared_stack import shared_stack

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
OURS = "tests.faults.recorded.layers"
ABOUT_CASES = {"MET010", "MET021"}
"""What is said of the cases themselves: answers as long as the row cap, kinds of case that a method has none of"""
PYTHON = '''\
"""Reminders."""


def due(connection, company):
    return connection.execute(
        "SELECT yclients_record_id FROM bookings WHERE company_id = %s AND client_phone = %s", company
    )


def staff(connection):
    return connection.execute("SELECT name FROM staff WHERE yclients_id = %s AND is_active")
'''
TYPESCRIPT = """\
export async function contextOf(client: Client, user: string) {
  const { rows } = await client.query(`
    SELECT state
    FROM dialog_contexts WHERE user_id = $1`, [user]);
  return rows[0];
}
"""


@dataclass(frozen=True)
class Runs:
    """Runs of the pipeline on databases of the reference application, by name and by whether rows are there."""

    stack: ScratchStack
    base: Path
    dsns: dict[tuple[str, bool], str] = field(repr=False)

    def methods(self, target_layer: str, *, files: bool = False) -> RunDocument:
        """A run on the aligned pair with its rows; the cases are generated."""
        layers = {"source_layer": f"{OURS}:old", "target_layer": f"{OURS}:{target_layer}", "generate": 16}
        return self._run("aligned", rows=True, leave_out=("diff", "align", "rows"), files=files, methods=layers)

    def statements(self, target: str, target_layer: str = "", *, files: bool = False) -> RunDocument:
        """A run of the check of statements alone, with no row on either side."""
        layers = {
            "source_layer": "harness.reference.supabase_layer:create",
            "target_layer": f"harness.reference.{target_layer}:create",
            "cases": f"{OURS}:written_cases",
        }
        others = ("diff", "align", "rows", "methods")
        return self._run(target, rows=False, leave_out=others, files=files, methods=layers if target_layer else {})

    def request(self, target: str, *, rows: bool, leave_out: tuple[str, ...], files: bool, methods: Any) -> RunRequest:
        configuration = Configuration.model_validate(
            {
                "scope": {
                    "tables": [f"public.{table}" for table in TABLES_IN_SCOPE],
                    "exclude": {"public.reminders": "left out when the scope shrank"},
                },
                "methods": {"sequences": 0, "concurrency": 0, **methods},
                "contract": {"statements": ["src/**/*.py", "src/**/*.ts"] if files else []},
                "run": {"exclude_stages": dict.fromkeys(leave_out, "the failure is another stage's to find")},
            }
        )
        source, aimed = self.dsns["source", rows], self.dsns[target, rows]
        return RunRequest(
            configuration=configuration,
            base=self.base,
            source=Endpoint(Side.SOURCE, source),
            target=Endpoint(Side.TARGET, aimed),
        )

    def _run(self, target: str, **given: Any) -> RunDocument:
        return run(self.request(target, **given), scratch=self.stack)


@contextlib.contextmanager
def _database(server: Server, schema: str, *, rows: bool) -> Iterator[str]:
    name = sql.Identifier(f"t_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            dsn = server.dsn(name.as_string().strip('"'))
            with psycopg.connect(dsn) as connection:
                connection.execute((SCHEMAS / f"{schema}.sql").read_bytes())
                if rows:
                    seed(connection, data_set(second_company=True))
            yield dsn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="module")
def runs(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    create_api_roles(server, newer_server)
    base = tmp_path_factory.mktemp("application")
    (base / "src" / "bot").mkdir(parents=True)
    (base / "src" / "bot" / "reminders.py").write_text(PYTHON, encoding="utf-8")
    (base / "src" / "context.ts").write_text(TYPESCRIPT, encoding="utf-8")
    wanted = [
        (server, "source", True),
        (server, "source", False),
        (newer_server, "aligned", True),
        *((newer_server, schema, False) for schema in ("first_built", "aligned_plain", "aligned_single")),
    ]
    with contextlib.ExitStack() as cleanup:
        dsns = {
            (schema, rows): cleanup.enter_context(_database(where, schema, rows=rows)) for where, schema, rows in wanted
        }
        yield Runs(shared_stack(), base, dsns)


@pytest.fixture(scope="module")
def mended(runs: Runs) -> RunDocument:
    """The mended layer, and what files hold, on a schema that is as the source's: nothing is wrong with them."""
    return runs.methods("new", files=True)


@pytest.fixture(scope="module")
def as_it_was(runs: Runs) -> RunDocument:
    """The layer as it was first written, on the same databases."""
    return runs.methods("as_it_was")


@pytest.fixture(scope="module")
def on_plain(runs: Runs) -> RunDocument:
    """The statements of the first version on aligned-plain."""
    return runs.statements("aligned_plain", "first_version")


def of(document: RunDocument, *codes: str) -> dict[str, Finding]:
    """The findings of these codes by what they are about."""
    return {each.object.identity: each for each in document.findings if each.code in codes}


def about(document: RunDocument, method: str) -> set[str]:
    """The codes of what was found of a method."""
    return {each.code for each in document.findings if each.object.identity == method} - ABOUT_CASES


def meant(finding: Finding) -> str:
    """The names that the finding asks about."""
    return next((each.text or "" for each in finding.evidence if each.label == "Did you mean"), "")


def test_nothing_is_said_against_the_mended_layer_and_sound_statements(mended: RunDocument) -> None:
    assert {each.code for each in mended.findings} <= ABOUT_CASES
    assert {result.method for result in mended.methods} == set(METHODS)
    assert all(0 < result.cases == result.equal for result in mended.methods)


def test_3_on_conflict_has_no_unique_index_behind_it(on_plain: RunDocument) -> None:
    """(yclients_id), and (phone, company_id) of a sample: no schema has one. Not a row is needed to see it."""
    assert {name: found.severity for name, found in of(on_plain, "CTR005").items()} == {
        "public.clients (yclients_id)": Severity.BLOCKER,
        "public.clients (phone, company_id)": Severity.BLOCKER,
    }
    assert of(on_plain, "CTR005")["public.clients (yclients_id)"].breaks == ("upsert_client (target layer)",)


def test_3_the_mended_on_conflict_meets_a_unique_index_on_one_column_alone(runs: Runs) -> None:
    found = runs.statements("aligned_single", "repository_layer").findings
    assert {(each.code, each.object.identity) for each in found} == {
        ("CTR004", "public.clients (yclients_id, company_id)")
    }
    assert {"upsert_client (target layer)", "upsert_clients (target layer)"} <= set(found[0].breaks)


def test_4_names_that_only_the_code_knows(on_plain: RunDocument, as_it_was: RunDocument) -> None:
    """With no row but for client_id, which is asked for only once a client was found."""
    found = of(on_plain, "CTR003") | of(as_it_was, "CTR003")
    assert {name: meant(each) for name, each in found.items()} == {
        "public.services.active": "is_active (boolean)",
        "public.staff.fired": "",
        "public.bookings.client_id": "client_yclients_id (bigint), yclients_record_id (bigint), client_name (text),"
        " client_phone (text)",
        "public.bookings.yclients_id": "client_yclients_id (bigint), yclients_record_id (bigint)",
    }
    title = found["public.bookings.yclients_id"].title
    assert title.endswith("on neither side: client_yclients_id or yclients_record_id may be meant")
    assert about(as_it_was, "get_client_appointments") == {"MET004"}
    (contract,) = (each for each in as_it_was.coverage if each.stage == "contract")
    assert contract.checked > len(METHODS)  # not a statement was known before there were generated cases


def test_5_backends_that_were_compared_by_two_runs_and_two_logs_answer_in_one_process(mended: RunDocument) -> None:
    """One report names the server behind each side, as it was seen on the wire."""
    assert [(each.side, each.database) for each in mended.servers] == [
        (Side.SOURCE, "source_clone"),
        (Side.TARGET, "target_clone"),
    ]
    source, target = mended.servers
    assert source.exchanges > 0
    assert target.exchanges > 0
    assert source.system_identifier != target.system_identifier
    assert mended.source.system_identifier != mended.target.system_identifier


def test_6_a_switch_that_falls_back_to_the_old_backend_compares_it_with_itself(runs: Runs) -> None:
    layers = {"source_layer": f"{OURS}:old", "target_layer": f"{OURS}:switched", "generate": 2}
    request = runs.request("aligned", rows=True, leave_out=(), files=False, methods=layers)
    document = compare_methods(request, methods=["health_check", "latest_visitors"], scratch=runs.stack)
    assert document.verdict.status is Status.NO_GO
    found = of(document, "MET007")
    assert set(found) == {"health_check", "latest_visitors", f"{OURS}:switched"}
    assert {each.severity for each in found.values()} == {Severity.BLOCKER}
    assert [result.equal for result in document.methods] == [0, 0]
    assert {each.notes for each in document.outcomes} == {("the call on the target went to the server of the source",)}


@pytest.mark.parametrize("method", ["search_clients_by_name", "latest_visitors"])
def test_8_nulls_come_first_through_rest_and_last_in_the_sql_with_a_limit_of_ten(
    as_it_was: RunDocument, method: str
) -> None:
    assert about(as_it_was, method) == {"MET001"}
    of_ten = [each for each in as_it_was.outcomes if each.method == method and "limit" not in each.arguments]
    assert of_ten
    assert {(each.source.shape, each.target.shape) for each in of_ten} == {("list of 10 objects", "list of 10 objects")}


@pytest.mark.parametrize(("method", "code"), [("client_with_phone", "PGRST116"), ("get_client_by_phone", "P0003")])
def test_8_a_phone_of_two_clients_is_an_error_on_the_source_and_any_row_on_the_target(
    as_it_was: RunDocument, method: str, code: str
) -> None:
    assert about(as_it_was, method) == {"MET005"}
    assert f"({code})" in of(as_it_was, "MET005")[method].title


def test_9_counts_that_come_back_as_text_are_drift_and_not_different(as_it_was: RunDocument) -> None:
    assert about(as_it_was, "health_check") == {"MET002"}
    (result,) = (each for each in as_it_was.methods if each.method == "health_check")
    assert (result.different, result.drift > 0) == (0, True)
    deltas = {
        (delta.path, delta.source, delta.target) for each in as_it_was.outcomes for delta in each.deltas if delta.drift
    }
    assert ("data.rows.clients", "int", "str") in deltas


def test_10_an_exception_past_the_envelope_is_equal_where_its_kind_is(as_it_was: RunDocument) -> None:
    assert about(as_it_was, "get_client_by_id") == set()
    (result,) = (each for each in as_it_was.methods if each.method == "get_client_by_id")
    assert "error" in result.exercised
    assert result.cases == result.equal


@pytest.mark.parametrize(("method", "code"), [("get_staff_by_id", "MET003"), ("get_service_by_id", "MET004")])
def test_10_an_exception_past_the_envelope_of_another_kind_or_in_place_of_an_answer_is_not(
    as_it_was: RunDocument, method: str, code: str
) -> None:
    assert about(as_it_was, method) == {code}


def test_15_direct_sql_outside_the_data_layer_is_found_with_file_and_line(runs: Runs) -> None:
    """On the target that was built first; the same files are sound on the aligned one."""
    found = of(runs.statements("first_built", files=True), "CTR002")
    assert {name: each.breaks for name, each in found.items()} == {
        "public.bookings.yclients_record_id": ("src/bot/reminders.py:6 (target layer)",),
        "public.staff.yclients_id": ("src/bot/reminders.py:11 (target layer)",),
        "public.dialog_contexts.user_id": ("src/context.ts:3 (target layer)",),
    }
