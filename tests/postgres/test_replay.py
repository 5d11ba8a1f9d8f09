"""Replay: one schema is the same on every version and after a restored dump, and what truly differs is still told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from harness.core.diff import compare
from harness.core.differences import differences
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.embedded.binaries import Installation, installations
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.stages import replay
from harness.stages.replay import replaying
from tests.corpus.databases import settling

EVERY_TEXT = (Path(__file__).parent / "every_text.sql").read_text(encoding="utf-8")
OLDEST = 15

ALTERED = {
    "ALTER TABLE clients DROP CONSTRAINT clients_status_check, ADD CONSTRAINT clients_status_check"
    " CHECK (status NOT IN ('new', 'old', 'gone'))": ("constraint", "definition"),
    "ALTER TABLE clients ALTER status SET DEFAULT CASE WHEN 'a'::varchar IN ('b', 'a') THEN 'new' ELSE 'old' END": (
        "column",
        "default",
    ),
    'DROP INDEX "By name"; CREATE INDEX "By name" ON clients (lower("Full name"), (id BETWEEN 1 AND 2 OR status <>'
    " 'x')) WHERE status IN ('new', 'old') AND id BETWEEN 1 AND 20 AND \"Full name\" <> 'x'": ("index", "definition"),
    "CREATE OR REPLACE VIEW counting AS WITH RECURSIVE t(n) AS (VALUES (1) UNION SELECT n + 1 FROM t WHERE n < 100)"
    " SELECT sum(n) AS total, (SELECT max(id) FROM clients WHERE status IN ('new', 'x') AND EXISTS"
    " (SELECT FROM bookings WHERE bookings.client = clients.id)) AS most FROM t": ("view", "definition"),
    "ALTER POLICY own ON clients USING (status IN ('new', 'old') AND id BETWEEN 1 AND twice(3) OR"
    " \"Full name\" <> 'x')": ("policy", "using"),
    "DROP TRIGGER later ON clients; CREATE CONSTRAINT TRIGGER later AFTER INSERT ON clients DEFERRABLE FOR EACH ROW"
    " WHEN (NEW.status NOT IN ('new', 'old')) EXECUTE FUNCTION touch()": ("trigger", "definition"),
    "CREATE OR REPLACE RULE once AS ON DELETE TO bookings WHERE OLD.state NOT IN ('open', 'done')"
    " DO ALSO INSERT INTO visits (client, at) VALUES (OLD.client, OLD.at) ON CONFLICT (client, at) DO NOTHING": (
        "rule",
        "definition",
    ),
    "ALTER DOMAIN phone SET DEFAULT 'none' || ''": ("domain", "default"),
    "CREATE OR REPLACE FUNCTION given(n integer, s varchar) RETURNS boolean LANGUAGE sql IMMUTABLE"
    " RETURN n BETWEEN 1 AND 3 AND n <> 2 AND s NOT IN ('a', 'b')": ("routine", "body"),
    'CREATE OR REPLACE VIEW keyed AS SELECT clients.id, clients."Full name", (clients.size).width, min(b.price) AS'
    " most FROM clients LEFT JOIN bookings b ON client = clients.id WHERE clients.status IN ('new', 'x')"
    " GROUP BY clients.id": ("view", "definition"),
    "ALTER PUBLICATION outward SET TABLE bookings WHERE (id BETWEEN 1 AND 2 OR id <> 3)": ("publication", "row_filter"),
}
"""Statements that alter one text, and leave all its constants as they are"""


def _majors() -> list[int]:
    return sorted({each.major for each in installations() if each.major >= OLDEST})


@pytest.fixture(scope="module")
def servers(server: Server, newer_server: Server) -> Iterator[dict[int, Server]]:
    """A server of every version at hand."""
    with ExitStack() as stack:
        running = {each.installation.major: each for each in (server, newer_server)}
        for major in _majors():
            if major not in running:
                running[major] = stack.enter_context(Server.start(major=major))
        yield running


def _loaded(server: Server, name: str, *texts: str) -> str:
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for text in texts:
            connection.execute(text.encode())
    return server.dsn(name)


def _catalog(dsn: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection, schemas=None)


def _told(source: Catalog, target: Catalog, asked: Server | None = None) -> list[tuple[str, str, str | None]]:
    """What differs; texts are read again on a server that is there already, or on one that starts for it."""
    settle = settling(asked, source, target) if asked else replaying(source, target)
    found = compare(source, target, settle=settle).changes
    return [(each.kind, each.identity, each.attribute) for each in found]


@pytest.fixture(scope="module")
def catalogs(servers: dict[int, Server]) -> dict[int, Catalog]:
    """The schema on every version."""
    return {major: _catalog(_loaded(each, "every_text", EVERY_TEXT)) for major, each in servers.items()}


def _with(program: str) -> Installation:
    return max((each for each in installations() if (each.bin / program).is_file()), key=lambda each: each.version)


@pytest.mark.parametrize("major", _majors())
def test_a_schema_is_the_same_on_every_version(catalogs: dict[int, Catalog], major: int) -> None:
    newest = catalogs[max(catalogs)]
    assert _told(catalogs[major], newest) == []
    assert _told(newest, catalogs[major]) == []


@pytest.mark.parametrize("major", _majors())
def test_a_restored_dump_is_the_same(servers: dict[int, Server], catalogs: dict[int, Catalog], major: int) -> None:
    server = servers[major]
    dump, psql = _with("pg_dump").tool("pg_dump"), _with("psql").tool("psql")
    text = subprocess.run(
        [dump, "--schema-only", "--dbname", server.dsn("every_text")], check=True, capture_output=True
    ).stdout
    restored = _loaded(server, "restored")
    # A server refuses settings of later versions, which a later pg_dump writes first.
    subprocess.run([psql, "-X", "-q", "-d", restored], input=text, check=True, capture_output=True)
    catalog = _catalog(restored)
    assert differences(catalogs[major], catalog), "PostgreSQL writes nothing otherwise: the test shows nothing"
    assert _told(catalogs[major], catalog) == []


@pytest.mark.parametrize("statement", ALTERED, ids=lambda text: " ".join(ALTERED[text]))
def test_a_text_that_means_something_else_is_told(
    servers: dict[int, Server], catalogs: dict[int, Catalog], statement: str
) -> None:
    newest = max(catalogs)
    changed = _catalog(_loaded(servers[newest], "changed", EVERY_TEXT, statement))
    for source, target in ((catalogs[min(catalogs)], changed), (changed, catalogs[newest])):
        assert [(kind, attribute) for kind, _, attribute in _told(source, target, servers[newest])] == [
            ALTERED[statement]
        ]


def test_no_server_is_started_where_no_text_differs(
    catalogs: dict[int, Catalog], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object, **__: object) -> Server:
        raise AssertionError("a server was started")

    monkeypatch.setattr(Server, "start", start)
    newest = catalogs[max(catalogs)]
    assert _told(newest, newest) == []


def test_without_a_server_the_syntax_decides(catalogs: dict[int, Catalog], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "installations", lambda: ())
    oldest, newest = catalogs[min(catalogs)], catalogs[max(catalogs)]
    assert ("view", "public.named", "definition") not in _told(oldest, newest)
