"""A real project beside the rehearsal copy: it is read and never written, but for test rows that were allowed."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import ConnectionFailed, DataLayerFailed
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, new_keys
from harness.stages import real_project
from harness.stages.layers import LayerContext
from harness.stages.python_layer import PythonFactory
from harness.stages.real_project import RealProject
from harness.stages.suite import ConfiguredPair
from harness.wire import ServerIdentity, url_through
from harness.wire.guard import Guard, guarded_relay
from tests.api_roles import API_ROLES, SERVICE_ROLE_GRANTS
from tests.data_pair import pair_of
from tests.method_pair import SCHEMA, Compared, MethodPair, opened
from tests.postgres.tls_front import certificate

REST = """
import httpx
import supabase


class Clients:
    def __init__(self, url, key):
        self.http = httpx.Client()
        options = supabase.ClientOptions(httpx_client=self.http, auto_refresh_token=False, persist_session=False)
        self.client = supabase.create_client(url, key, options=options)

    def names(self, company_id):
        found = self.client.table("clients").select("name").eq("company_id", company_id).order("number").limit(50)
        return found.execute().data

    def add(self, number, name):
        row = {"number": number, "company_id": 900100, "name": name}
        return self.client.table("clients").insert(row).execute().data[0]["name"]

    def rename(self, number, name):
        changed = self.client.table("clients").update({"name": name}).eq("number", number).eq("company_id", 900100)
        return len(changed.execute().data)

    def close(self):
        self.http.close()


def create(context):
    return Clients(context.rest_url, context.api_key)
"""

SQL = """
import psycopg
from psycopg.rows import dict_row


class Clients:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    def names(self, company_id):
        return self._rows("SELECT name FROM clients WHERE company_id = %s ORDER BY number LIMIT 50", company_id)

    def add(self, number, name):
        return self._rows(
            "INSERT INTO clients (number, company_id, name) VALUES (%s, 900100, %s) RETURNING name", number, name
        )[0]["name"]

    def rename(self, number, name):
        return len(self._rows(
            "UPDATE clients SET name = %s WHERE number = %s AND company_id = 900100 RETURNING 1", name, number))

    def close(self):
        self.connection.close()


def create(context):
    return Clients(context.dsn)
"""

# It writes only where it does not speak to the rehearsal copy: the copy cannot give it away.
SLY = REST.replace(
    """    def names(self, company_id):
""",
    """    def names(self, company_id):
        if self.client.table("clients").select("id").eq("number", 4242).execute().data:
            self.client.table("clients").delete().eq("company_id", company_id).execute()
""",
)


class Project:
    """A gateway of its own over a database that nobody copies: what a hosted project is to the tool."""

    def __init__(
        self, methods: MethodPair, dsn: str, url: str, reload_schema_cache: Callable[[], None] = lambda: None
    ) -> None:
        self.methods = methods
        self.dsn = dsn
        self.url = url
        self.reload_schema_cache = reload_schema_cache

    @property
    def rows(self) -> list[Any]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute("SELECT number, company_id, name FROM clients ORDER BY id").fetchall()

    def compare(self, *cases: dict[str, Any], source: str = REST, target: str = SQL, **settings: Any) -> Compared:
        written = [{"id": case["method"], **case} for case in cases]
        section = {"source_rest_url": self.url, "source_api_key": "env:PROJECT_KEY", **settings}
        few = {"generate": 0, "sequences": 0, "concurrency": 0}
        return self.methods.compare(target, source=source, cases=written, methods=few | section)


NAMES = {"method": "names", "kwargs": {"company_id": 900100}}
ADD = {"method": "add", "kwargs": {"number": 9_900_001, "name": "Test"}}


@pytest.fixture(scope="module")
def project(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with pair_of(server, newer_server) as pair, pair_of(server, newer_server) as elsewhere:
        pair.on_source(API_ROLES)
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            pair.on_source(*SERVICE_ROLE_GRANTS)
            elsewhere.on_source(SCHEMA, *SERVICE_ROLE_GRANTS, "UPDATE clients SET number = 4242 WHERE number = 40")
            keys = new_keys()
            settings = GatewaySettings(
                db_uri=elsewhere.source_dsn,
                db_schemas=("public",),
                jwt_secret=keys.jwt_secret,
                anon_key=keys.anon_key,
                service_role_key=keys.service_role_key,
            )
            with GatewayServer.start(settings) as gateway, pytest.MonkeyPatch.context() as patch:
                patch.setenv("PROJECT_KEY", keys.service_role_key)
                yield Project(methods, elsewhere.source_dsn, gateway.url, gateway.reload_schema_cache)


def test_a_read_is_asked_of_the_project_and_the_attestation_names_its_host(project: Project) -> None:
    found = project.compare(NAMES)
    pair = found.pair("names")
    assert pair.verdict == "equal", pair
    (seen,) = pair.source.attestations
    assert seen.address == project.url.removeprefix("http://")
    assert seen.database == "project"
    assert {each.address for each in found.result.artifact.servers if each.side is Side.SOURCE} == {seen.address}


def test_a_method_that_differs_is_found_on_the_project_too(project: Project) -> None:
    found = project.compare(NAMES, target=SQL.replace("ORDER BY number LIMIT", "ORDER BY number DESC LIMIT"))
    assert ("MET001", "names") in found.codes


@pytest.mark.long
def test_a_write_is_called_on_the_rehearsal_copy_alone_and_the_report_says_so(project: Project) -> None:
    before = project.rows
    found = project.compare(ADD, NAMES)
    assert project.rows == before
    assert found.pair("add").verdict == "equal"
    assert found.pair("add").source.attestations[0].database == "source_clone"
    told = {each.label: each.text for each in found.finding("MET022").evidence}
    assert told == {"add": "it writes, and --allow-writes was not given"}


def test_a_method_that_writes_where_the_copy_saw_a_read_never_reaches_the_project(project: Project) -> None:
    before = project.rows
    found = project.compare(NAMES, source=SLY)
    assert project.rows == before
    told = {each.label: each.text or "" for each in found.finding("MET022").evidence}
    assert told["names"].startswith("DELETE /rest/v1/clients was not sent to the project: only GET and HEAD")


def test_test_rows_are_written_where_that_is_allowed_and_are_gone_after(project: Project) -> None:
    before = project.rows
    found = project.compare(ADD, NAMES, allow_writes=True)
    assert project.rows == before
    pair = found.pair("add")
    assert (pair.verdict, pair.source.attestations[0].database) == ("equal", "project")
    told = found.finding("MET022")
    assert "1 test row" in told.title
    assert "removed" in told.title


LATER_REST = REST.replace(
    "    def close(self):",
    """    def later(self):
        return self.client.table("later").select("number").order("number").execute().data

    def note(self, number, note):
        row = {"number": number, "company_id": 900100, "name": "Test", "note": note}
        return self.client.table("clients").insert(row).execute().data[0]["note"]

    def close(self):""",
)
LATER_SQL = SQL.replace(
    "    def close(self):",
    """    def later(self):
        return self._rows("SELECT number FROM later ORDER BY number")

    def note(self, number, note):
        return self._rows(
            "INSERT INTO clients (number, company_id, name, note) VALUES (%s, 900100, 'Test', %s) RETURNING note",
            number, note)[0]["note"]

    def close(self):""",
)
LATER = ({"method": "later", "kwargs": {}}, {"method": "note", "kwargs": {"number": 9_900_002, "note": "x"}})


@pytest.fixture
def altered(project: Project) -> Iterator[Project]:
    """A table and a column that came after the project's interface had read its schema cache."""
    more = (
        "CREATE TABLE later (number int PRIMARY KEY)",
        "INSERT INTO later VALUES (1), (2)",
        "GRANT ALL ON later TO service_role",
        "ALTER TABLE clients ADD COLUMN note text",
    )
    pair = project.methods.pair
    pair.on_source(*more)
    pair.on_target(*more[:2], more[3])
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        for each in more:
            connection.execute(each)
        yield project
        less = ("DROP TABLE later", "ALTER TABLE clients DROP COLUMN note")
        pair.on_both(*less)
        for each in less:
            connection.execute(each)
    project.reload_schema_cache()


def test_a_project_whose_schema_cache_is_older_than_its_schema_is_told_so_until_it_is_reloaded(
    altered: Project,
) -> None:
    before = altered.rows

    def compared(target: str = LATER_SQL) -> Compared:
        return altered.compare(*LATER, source=LATER_REST, target=target, allow_writes=True)

    stale = compared()
    assert {case: stale.pair(case).verdict for case in ("later", "note")} == {"later": "void", "note": "void"}
    assert {("MET016", "later"), ("MET016", "note")} <= stale.codes
    assert not {code for code, _ in stale.codes} & {"MET001", "MET005", "MET006"}
    assert "relation public.later" in stale.gaps["later"]
    assert "column public.clients.note" in stale.gaps["note"]
    altered.reload_schema_cache()
    fresh = compared()
    assert {case: fresh.pair(case).verdict for case in ("later", "note")} == {"later": "equal", "note": "equal"}
    assert altered.rows == before


@pytest.mark.long
def test_a_project_that_lacks_what_is_asked_for_has_no_stale_cache(project: Project) -> None:
    """Its schema is the one that the target replaces: what neither has is an error of the method."""
    missing = REST.replace('table("clients").select("name")', 'table("nowhere").select("name")')
    found = project.compare(NAMES, source=missing)
    assert ("MET016", "names") not in found.codes
    assert ("MET005", "names") in found.codes


def test_a_projects_answer_that_its_row_cap_cuts_off_is_named_with_the_number_of_its_rows(project: Project) -> None:
    rows = "INSERT INTO clients (company_id, number, name) SELECT 900300, n, 'n' || n FROM generate_series(1, 1100) n"
    project.methods.pair.on_both(rows)
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(rows)
        source, target = REST.replace(".limit(50)", ""), SQL.replace(" LIMIT 50", "")
        found = project.compare({"method": "names", "kwargs": {"company_id": 900300}}, source=source, target=target)
        connection.execute("DELETE FROM clients WHERE company_id = 900300")
    project.methods.pair.on_both("DELETE FROM clients WHERE company_id = 900300")
    assert ("MET010", "names") in found.codes
    assert "1,100 rows are there" in found.gaps["names"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"method": "add", "kwargs": {"number": 77_001, "name": "Real"}}, "carries no test id"),
        ({"method": "rename", "kwargs": {"number": 7, "name": "Other"}}, "changes rows of public.clients"),
    ],
)
def test_a_write_that_is_not_of_test_rows_alone_stays_on_the_copy(
    project: Project, case: dict[str, Any], reason: str
) -> None:
    before = project.rows
    found = project.compare(case, allow_writes=True)
    assert project.rows == before
    assert reason in (found.finding("MET022").evidence[0].text or "")


@pytest.mark.long
def test_a_test_row_that_is_there_already_is_not_touched(project: Project) -> None:
    with psycopg.connect(project.dsn) as connection:
        connection.execute("INSERT INTO clients (company_id, number, name) VALUES (900100, 9900001, 'kept')")
    before = project.rows
    found = project.compare(ADD, allow_writes=True)
    assert project.rows == before
    assert "may hold rows with its test ids already" in (found.finding("MET022").evidence[0].text or "")
    with psycopg.connect(project.dsn) as connection:
        connection.execute("DELETE FROM clients WHERE number = 9900001")


@pytest.mark.long
def test_a_test_suite_tells_what_was_and_was_not_asked_of_the_project(project: Project) -> None:
    rename = {"id": "rename", "method": "rename", "kwargs": {"number": 7, "name": "Other"}}
    pair = project.methods.pair
    configuration = project.methods.configuration(
        SQL,
        source=REST,
        cases=[rename, {"id": "add", **ADD}],
        methods={"source_rest_url": project.url, "source_api_key": "env:PROJECT_KEY", "allow_writes": True},
    )
    with ConfiguredPair(configuration, project.methods.folder, pair.source, pair.target) as suite:
        assert suite.subjects is not None
        told = []
        for case in suite.subjects.cases:
            suite.expect_same_outcome(case)
            told.append([(each.code, each.title) for each in suite.taken_findings()])
    (((code, left),), ((other, removed),)) = told
    assert (code, other) == ("MET022", "MET022")
    assert left.startswith("1 cases were compared on the rehearsal copy, 0 on the project")
    assert removed.startswith("1 test rows were written to the project")


class _Large(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        body = (self.headers["Host"] or "").encode() + b"." * 3_000_000
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@contextlib.contextmanager
def over_tls(folder: Path) -> Iterator[tuple[int, Path]]:
    """An HTTPS server on 127.0.0.1, and the file with its certificate."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    for file, content in zip((chain, key), certificate(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)), strict=True):
        file.write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with HTTPServer(("127.0.0.1", 0), _Large) as serving:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield serving.server_address[1], chain
        serving.shutdown()
        thread.join(5)


@pytest.mark.long
def test_a_project_over_tls_is_asked_under_its_own_name_with_its_certificate_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = ServerIdentity(side=Side.SOURCE, address="project", database="project", system_identifier="")
    with over_tls(tmp_path) as (port, chain):
        with (
            contextlib.closing(guarded_relay(identity, f"https://127.0.0.1:{port}", Guard())) as relay,
            pytest.raises(httpx.HTTPError),
        ):
            httpx.get(f"{url_through(relay)}/rest/v1/clients", timeout=5)
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        with contextlib.closing(guarded_relay(identity, f"https://127.0.0.1:{port}", Guard())) as relay:
            answer = httpx.get(f"{url_through(relay)}/rest/v1/clients", timeout=20)
            assert answer.text.startswith(f"127.0.0.1:{port}.")
            assert len(answer.content) > 3_000_000
            assert relay.attest(0)[0].exchanges == 1


def test_a_project_that_cannot_be_reached_is_said_so_before_anything_is_called(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        Project(project.methods, project.dsn, f"http://127.0.0.1:{port}").compare(NAMES)


def test_a_project_that_cannot_be_opened_leaves_no_connection_open(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise OSError(24, "too many open files")

    def opened() -> list[httpx.Client]:
        return [each for each in gc.get_objects() if type(each) is httpx.Client and not each.is_closed]

    def failing(_: LayerContext) -> None:
        raise ValueError

    def opening(url: str) -> None:
        factory = PythonFactory(Side.SOURCE, "module:make", failing)
        RealProject(url=url, key="key", factory=factory, copy=LayerContext(dsn=""), test_ids=(1, 2))

    before = len(opened())
    with pytest.raises(DataLayerFailed):
        opening(project.url)
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        opening("http://a..b.example")
    monkeypatch.setattr(real_project, "guarded_relay", refusing)
    with pytest.raises(OSError, match="too many open files"):
        opening(project.url)
    assert len(opened()) == before
