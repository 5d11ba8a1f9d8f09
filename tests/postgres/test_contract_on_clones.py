"""Operators, casts, cut values and lost indexes of statements, as PostgreSQL itself sees them on both schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.record import Severity, Side
from harness.core.statements import CapturedStatement, RestRequest
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.scratch import ScratchStack
from harness.stages.statement_check import check_statements
from tests.api_roles import create_api_roles
from tests.data_pair import Pair, pair_of
from tests.shared_stack import shared_stack
from tests.statements import READS, WRITES

BOTH = """
CREATE TABLE bookings (id bigint PRIMARY KEY, client_id bigint, at timestamptz);
CREATE TABLE clients (
    id bigint PRIMARY KEY, company_id integer NOT NULL, name text, phone text, tags text[], visited timestamptz,
    note text, email text, raw jsonb, born date, shift tstzrange
);
CREATE INDEX clients_id_name ON clients (id, name);
"""
SOURCE = """
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE FUNCTION discount(integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 0.1';
CREATE TABLE visits (
    id bigint, company_id integer, name text, spent numeric(12, 3), visited timestamptz, born timestamp,
    amount numeric, number bigint, document json, code character(8), mood mood, note varchar(10)
);
CREATE INDEX clients_name ON clients (company_id, lower(name));
CREATE UNIQUE INDEX clients_phone ON clients (phone);
CREATE INDEX clients_visited ON clients (company_id, visited DESC);
CREATE INDEX clients_tags ON clients USING gin (tags);
CREATE INDEX clients_raw ON clients USING gin (raw jsonb_path_ops);
CREATE INDEX clients_email ON clients (email) WHERE email IS NOT NULL;
CREATE INDEX clients_note ON clients (note text_pattern_ops);
CREATE INDEX clients_born ON clients (born) INCLUDE (name);
CREATE INDEX clients_shift ON clients USING gist (shift);
CREATE INDEX bookings_client ON bookings (client_id);
INSERT INTO clients (id, company_id) SELECT number, 900100 FROM generate_series(1, 1200) number;
ANALYZE;
"""
TARGET = """
CREATE TYPE mood AS ENUM ('calm');
CREATE FUNCTION discount(text) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 1.0';
CREATE TABLE visits (
    id bigint, company_id text, name varchar(20), spent numeric(10, 2), visited timestamp, born date,
    amount double precision, number integer, document jsonb, code character(10), mood mood, note text
);
CREATE INDEX clients_note ON clients (note);
CREATE INDEX clients_by_company ON clients (company_id);
"""
INT2, TEXT_ARRAY = 21, 1009
NONE: tuple[int, ...] = ()

REFUSED: dict[str, tuple[int, ...]] = {
    "SELECT id FROM visits WHERE company_id = $1": (INT2,),
    "SELECT discount(company_id) + discount(1::integer) FROM visits": (),
    "SELECT id FROM visits WHERE mood = 'busy'": (),
    "SELECT id FROM visits WHERE company_id > 3 ORDER BY id": (),
}
LOSSY = {
    "name": "texts longer than 20 are refused (22001)",
    "spent": "digits past the 2 behind the point are rounded, and numbers of more than 8 digits",
    "visited": "the zone",
    "born": "the time of day",
    "amount": "digits past the 15th are rounded",
    "number": "numbers past the range of integer are refused (22003)",
    "document": "the order of keys",
    "code": "blanks are added at the end",
}
LOST = {
    "clients_name": "SELECT id FROM clients WHERE company_id = $1 AND lower(name) = $2",
    "clients_phone": "SELECT id FROM clients WHERE phone = $1",
    "clients_tags": "SELECT id FROM clients WHERE tags @> $1",
    "clients_raw": "SELECT id FROM clients WHERE raw @> $1",
    "clients_email": "SELECT id FROM clients WHERE email = $1",
    "clients_born": "DELETE FROM clients WHERE born < $1",
    "clients_shift": "SELECT id FROM clients WHERE shift && $1",
    "bookings_client": "UPDATE bookings SET at = now() FROM clients c WHERE c.id = bookings.client_id AND c.id = $1",
}
SERVED = (
    "SELECT id FROM clients WHERE id = $1 AND name = $2",
    "SELECT id FROM clients ORDER BY id LIMIT $1",
    "SELECT id FROM clients WHERE upper(name) = $1",
    "INSERT INTO clients (id, company_id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    "SELECT b.id, c.name FROM bookings b JOIN clients c ON c.id = b.client_id WHERE b.id = $1",
)


class Check:
    """A pair of databases, and what the whole check says of statements of the target's layer."""

    def __init__(self, pair: Pair, stack: ScratchStack) -> None:
        self.pair, self.stack = pair, stack

    def __call__(self, statements: Mapping[str, tuple[int, ...]], **sections: Any) -> list[Finding]:
        captured = [
            CapturedStatement(side=Side.TARGET, origin=f"method_{number}", sql=text, types=types)
            for number, (text, types) in enumerate(statements.items())
        ]
        return self.captured(captured, **sections)

    def captured(self, captured: Sequence[CapturedStatement], **sections: Any) -> list[Finding]:
        result = check_statements(
            self.pair.source,
            self.pair.target,
            self.pair.catalogs(),
            None,
            captured,
            Configuration.model_validate(sections),
            Silent(),
            stack=self.stack,
        )
        assert result.coverage.gaps == ()
        return list(result.findings)


@pytest.fixture(scope="module")
def check(server: Server, newer_server: Server) -> Iterator[Check]:
    with pair_of(server, newer_server) as pair:
        pair.on_both(BOTH)
        pair.on_source(SOURCE)
        pair.on_target(TARGET)
        yield Check(pair, shared_stack())


@pytest.fixture(scope="module")
def found(check: Check) -> list[Finding]:
    """What is said of all planted statements together."""
    columns = ", ".join([*LOSSY, "note"])
    values = ", ".join(f"${number}" for number in range(1, len(LOSSY) + 2))
    planted: dict[str, tuple[int, ...]] = {
        **REFUSED,
        f"INSERT INTO visits ({columns}) VALUES ({values})": (),
        **{text: (TEXT_ARRAY,) if "tags" in text else () for text in LOST.values()},
        **dict.fromkeys(SERVED, NONE),
        "SELECT id FROM clients WHERE company_id = $1 ORDER BY visited DESC LIMIT $2": (),
        "SELECT sum(amount) AS total, max(note) AS note, count(*) AS n FROM visits WHERE number = $1": (),
        "SELECT id FROM visits WHERE born = $1": (),
    }
    return check(planted)


def of(found: list[Finding], code: str) -> list[Finding]:
    return [each for each in found if each.code == code]


def test_what_only_the_source_resolves_is_a_blocker_with_the_servers_words(found: list[Finding]) -> None:
    refused = [each for each in of(found, "CTR009") if each.severity is Severity.BLOCKER]
    assert {method for each in refused for method in each.breaks} == {
        f"method_{number} (target layer)" for number in range(len(REFUSED))
    }
    titles = " ".join(each.title for each in refused)
    assert "operator does not exist: text = smallint" in titles
    assert "function discount(integer) does not exist" in titles
    assert "a constant is no value of the type" in titles


def test_no_constant_of_a_statement_is_in_a_finding(found: list[Finding]) -> None:
    assert not any("busy" in each.to_json() for each in of(found, "CTR009"))


def test_a_computed_column_and_a_parameter_of_another_type_are_risks(found: list[Finding]) -> None:
    risks = {each.object.identity: each for each in of(found, "CTR009") if each.severity is Severity.RISK}
    assert set(risks) == {
        "result total: numeric, double precision",
        "parameter: timestamp without time zone, date",
    }
    assert "public.visits.born" in risks["parameter: timestamp without time zone, date"].to_json()


def test_each_column_that_is_written_and_holds_less_is_named_with_what_is_lost(found: list[Finding]) -> None:
    lossy = {each.object.identity.removeprefix("public.visits."): each for each in of(found, "CTR010")}
    assert set(lossy) == set(LOSSY)
    for column, words in LOSSY.items():
        assert words in lossy[column].title


def test_each_filter_that_lost_its_index_is_found_and_no_other(found: list[Finding]) -> None:
    lost = {each.object.identity.removeprefix("public."): each for each in of(found, "CTR011")}
    assert set(lost) == {f"{index.split('_')[0]}.{index}" for index in LOST} | {"clients.clients_visited"}
    whole = lost["clients.clients_email"]
    assert whole.severity is Severity.RISK
    assert "reads the whole table" in whole.title
    assert whole.fix is not None
    assert whole.fix.sql == (
        "CREATE INDEX CONCURRENTLY clients_email ON public.clients USING btree (email) WHERE (email IS NOT NULL);"
    )
    plan = next(each for each in whole.evidence if each.label == "Plan")
    assert "using clients_email" in (plan.source or "")
    assert "Seq Scan on public.clients" in (plan.target or "")


def test_a_weaker_index_that_is_left_and_an_order_are_cosmetic(found: list[Finding]) -> None:
    lost = {each.object.identity.removeprefix("public.clients."): each for each in of(found, "CTR011")}
    assert lost["clients_name"].severity is Severity.COSMETIC
    assert "a weaker index is left" in lost["clients_name"].title
    assert lost["clients_visited"].severity is Severity.COSMETIC


def test_a_missing_index_of_a_small_table_is_cosmetic_unless_it_is_unique(found: list[Finding]) -> None:
    lost = {each.object.identity.rpartition(".")[2]: each.severity for each in of(found, "CTR011")}
    assert lost["bookings_client"] is Severity.COSMETIC
    assert lost["clients_phone"] is Severity.RISK


def test_equal_schemas_give_no_finding_whatever_is_asked(check: Check) -> None:
    source = check.pair.source_dsn
    given = Check(Pair(source, source), check.stack)
    assert given({**REFUSED, **dict.fromkeys([*LOST.values(), *SERVED], NONE)}) == []


def test_statements_of_every_form_are_silent_on_the_aligned_reference_pair(
    server: Server, newer_server: Server, check: Check
) -> None:
    schemas = Path(__file__).parents[2] / "schemas" / "reference"
    with pair_of(server, newer_server) as pair:
        for each in (server, newer_server):
            create_api_roles(each)
        pair.on_source((schemas / "source.sql").read_text(encoding="utf-8"))
        pair.on_target((schemas / "aligned.sql").read_text(encoding="utf-8"))
        assert Check(pair, check.stack)(dict.fromkeys([*READS, *WRITES], NONE)) == []


ASKED = {
    "GET /rest/v1/clients?select=id,name&phone=eq.80005550007": "clients_phone",
    "GET /clients?select=id&born=lt.2000-01-01&limit=10": "clients_born",
    "HEAD /rest/v1/clients?select=*&tags=cs.{new}": "clients_tags",
    "PATCH /rest/v1/clients?email=eq.nobody": "clients_email",
    "DELETE /rest/v1/clients?shift=ov.[2026-01-01,2026-01-02)": "clients_shift",
    "GET /rest/v1/clients?select=id&company_id=eq.900100&order=visited.desc": "clients_visited",
}
ASKED_AND_SERVED = (
    "GET /rest/v1/clients?select=id&id=eq.7",
    "GET /rest/v1/clients?select=id&order=id&limit=5",
    "POST /rest/v1/clients?on_conflict=id&columns=id,company_id",
    "POST /rest/v1/clients",
    "PATCH /rest/v1/clients?id=eq.7&columns=name",
    "GET /rest/v1/rpc/discount?number=1",
    "POST /rest/v1/rpc/discount",
    "GET /rest/v1/",
)


def of_request(number: int, text: str) -> CapturedStatement:
    verb, _, target = text.partition(" ")
    path, _, query = target.partition("?")
    prefer = "return=representation" if verb in ("PATCH", "POST", "DELETE") else ""
    request = RestRequest(verb=verb, path=path, query=query, prefer=prefer)
    return CapturedStatement(side=Side.SOURCE, origin=f"method_{number}", request=request)


def asked(check: Check, *texts: str) -> list[Finding]:
    captured = [of_request(number, text) for number, text in enumerate(texts)]
    return of(check.captured(captured), "CTR011")


def test_a_filter_of_a_request_that_lost_its_index_is_found_by_the_plans_of_both_servers(check: Check) -> None:
    found = {each.object.identity.rpartition(".")[2]: each for each in asked(check, *ASKED, *ASKED_AND_SERVED)}
    assert set(found) == set(ASKED.values())
    by_method = {f"method_{number} (source layer)": index for number, index in enumerate(ASKED.values())}
    assert {index: each.breaks for index, each in found.items()} == {index: (by,) for by, index in by_method.items()}
    plan = next(each for each in found["clients_email"].evidence if each.label == "Plan")
    assert "using clients_email" in (plan.source or "")
    assert "Seq Scan on public.clients" in (plan.target or "")
    assert "80005550007" not in found["clients_phone"].to_json()


def test_requests_are_silent_where_the_target_has_the_same_indexes(check: Check) -> None:
    source = check.pair.source_dsn
    assert asked(Check(Pair(source, source), check.stack), *ASKED, *ASKED_AND_SERVED) == []
