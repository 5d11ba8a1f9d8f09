"""The source of every case of schemas/corpus, with rows, migrated into an empty database: nothing refuses a step.

`make test-corpus` takes all cases, `make test` every sixtieth, `make test-long` as many more.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import psycopg
import pytest

from harness.embedded.server import Server
from tests.cli.conftest import Pgparity
from tests.cli.conftest import here as here
from tests.corpus.cases import Case, chosen, long
from tests.corpus.databases import diff, drop, load
from tests.server_versions import NEWER_MAJOR

FILLED = (Path(__file__).parent / "filled.sql").read_text(encoding="utf-8")
SCHEMAS = (
    "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"
)
LEDGER = "pgparity"
WITHOUT_PLPGSQL = {"extension_added"}
"""Databases in which rows cannot be made by a block of it"""
CIRCLE = "objects depend on each other in a circle"
REFUSED = {
    "knot_default_takes_row_of_its_table": CIRCLE,
    "knot_default_takes_row_of_partitioned_table": CIRCLE,
    "knot_view_gains_function_of_its_rows": CIRCLE,
    "foreign_table_partition": "the source cannot evaluate",
    "owner_materialized_view": "42501",
    "view_materialized_owner_altered": "42501",
}
"""What some end with: rows of a foreign server that nobody can ask, a view that its owner may not refresh"""
FAILED = {"foreign_table_inherits"}
"""Where ANALYZE would have to ask such a server"""
STAY = {
    "comment_database",
    "database_setting_comment",
    "database_setting_connection_limit",
    "default_privilege_functions_public",
    "default_privilege_same_routines_functions",
    "index_of_partition_attached_twin",
    "index_of_partitioned_unattached",
    "owner_database",
    "privilege_database_public_connect",
}
"""Where the target keeps something of its own: what it has is not altered, and nothing is taken away"""


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name, marks=pytest.mark.long if long(case) else ()) for case in chosen()]
)
def test_a_schema_and_its_rows_arrive_in_an_empty_database(
    case: Case, newer_server: Server, here: Pgparity, tmp_path: Path
) -> None:
    if case.since > NEWER_MAJOR:
        pytest.skip(f"needs PostgreSQL {case.since}")
    names = [f"moved_{zlib.crc32(case.name.encode()):08x}_{end}" for end in ("from", "to")]
    try:
        try:
            filled = "" if case.name in WITHOUT_PLPGSQL else FILLED
            source = load(newer_server, names[0], case.source, case.rows or "", filled)
        except psycopg.errors.FeatureNotSupported as error:
            pytest.skip(f"this build of the server cannot have it: {error}")
        target = load(newer_server, names[1])
        with psycopg.connect(source) as connection:
            schemas = [name for (name,) in connection.execute(SCHEMAS)]
        (tmp_path / "pgparity.toml").write_text(f"[scope]\nschemas = {json.dumps(schemas)}\n", encoding="utf-8")
        ends = ("--source", source, "--target", target)
        for _ in range(2):
            moved = here("migrate", *ends, "--create-schema", "--yes", "--format", "json", "--no-progress")
            if case.name in REFUSED:
                assert (moved.returncode, REFUSED[case.name] in moved.stderr) == (2, True), moved.stderr
                return
            found = json.loads(moved.stdout)
            # A comparison of no row proves nothing.
            ended = 0 if any(each["rows"] for each in found["tables"]) else 3
            assert moved.returncode == (1 if case.name in FAILED else ended), (moved.stderr, found["findings"])
        left = [each for each in diff(source, target).changes if not each.identity.startswith(LEDGER)]
        assert not left or moved.returncode != 0 or case.name in STAY, left
    finally:
        for name in names:
            drop(newer_server, name)
