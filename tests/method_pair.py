"""A small data layer, a pair of databases for it, and the comparison of a version of it with another."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.outcomes import MethodResult, OutcomePair
from harness.stages.events import Silent
from harness.stages.methods import MethodsArtifact, methods_stage
from harness.stages.result import StageResult
from harness.stages.scratch import ScratchStack
from harness.stages.subjects import load_subjects
from tests.data_pair import Pair
from tests.shared_stack import shared_stack

SCHEMA = """
CREATE TABLE clients (
    id bigserial PRIMARY KEY, company_id int NOT NULL, number int NOT NULL, name text NOT NULL, phone text,
    spent numeric(10,2), visited date, status text NOT NULL DEFAULT 'new', created_at timestamptz,
    UNIQUE (number, company_id));
CREATE TABLE orders (id bigserial PRIMARY KEY, number int NOT NULL UNIQUE, total numeric(10,2) CHECK (total >= 0));
CREATE TABLE audit (id bigserial PRIMARY KEY, what text);
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO public.audit (what) VALUES (TG_OP || ' ' || OLD.number); RETURN OLD; END $$;
CREATE TRIGGER audited BEFORE DELETE ON clients FOR EACH ROW EXECUTE FUNCTION audited();
INSERT INTO clients (company_id, number, name, phone, spent, visited, created_at)
  SELECT 900100, n, CASE WHEN n % 3 = 0 THEN 'Анна ' ELSE 'Boris ' END || n, '8000555' || lpad(n::text, 4, '0'),
         n * 1.10, CASE WHEN n % 4 > 0 THEN date '2025-01-01' + n END,
         timestamptz '2025-01-01 21:30+00' + n * interval '1h'
  FROM generate_series(1, 40) n;
INSERT INTO clients (company_id, number, name, phone) VALUES (900200, 1, 'Stranger', '80005550001');
"""

LAYER = """
import functools

import psycopg
from psycopg.rows import dict_row


def answered(method):
    @functools.wraps(method)
    def answer(*args, **kwargs):
        try:
            return {"success": True, "data": method(*args, **kwargs), "error": None}
        except psycopg.Error as error:
            return {"success": False, "data": None, "error": {"kind": kind_of(error), "code": error.sqlstate}}
    return answer


def kind_of(error):
    return "conflict" if error.sqlstate == "23505" else "database"


class Clients:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    _shown = "number, company_id, name, phone, spent, visited, created_at"

    @answered
    def get_client(self, number, company_id):
        found = self._rows("SELECT * FROM clients WHERE number = %s AND company_id = %s", number, company_id)
        return found[0] if found else None

    @answered
    def latest_clients(self, company_id, limit=10):
        return self._rows(
            f"SELECT {self._shown} FROM clients WHERE company_id = %s"
            " ORDER BY visited DESC NULLS FIRST, number LIMIT %s", company_id, limit)

    @answered
    def search_clients(self, company_id, name):
        return self._rows(
            f"SELECT {self._shown} FROM clients WHERE company_id = %s AND name ILIKE %s ORDER BY number",
            company_id, f"%{name}%")

    @answered
    def client_by_phone(self, phone):
        found = self._rows(f"SELECT {self._shown} FROM clients WHERE phone = %s", phone)
        if len(found) > 1:
            raise psycopg.errors.CardinalityViolation
        return found[0] if found else None

    @answered
    def count_clients(self, company_id):
        return self._rows("SELECT count(*) AS n FROM clients WHERE company_id = %s", company_id)[0]["n"]

    @answered
    def upsert_client(self, number, company_id, name, phone=None):
        return self._rows(
            "INSERT INTO clients (number, company_id, name, phone) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (number, company_id) DO UPDATE SET name = excluded.name, phone = excluded.phone RETURNING *",
            number, company_id, name, phone)[0]

    @answered
    def add_orders(self, orders):
        with self.connection.transaction():
            for number, total in orders:
                self._rows("INSERT INTO orders (number, total) VALUES (%s, %s) RETURNING id", number, total)
        return len(orders)

    @answered
    def delete_client(self, number, company_id):
        self._rows("DELETE FROM clients WHERE number = %s AND company_id = %s RETURNING 1", number, company_id)
        return True

    def close(self):
        self.connection.close()


def create(context):
    return Clients(context.dsn)
"""

COMPANY = 900100
CASES: list[dict[str, Any]] = [
    {"id": id_, "method": method, "kwargs": kwargs}
    for id_, method, kwargs in (
        ("one", "get_client", {"number": 7, "company_id": COMPANY}),
        ("nobody", "get_client", {"number": 7000, "company_id": COMPANY}),
        ("ten", "latest_clients", {"company_id": COMPANY}),
        ("three", "latest_clients", {"company_id": COMPANY, "limit": 3}),
        ("lower case", "search_clients", {"company_id": COMPANY, "name": "анна"}),
        ("phone of one", "client_by_phone", {"phone": "80005550007"}),
        ("phone of two", "client_by_phone", {"phone": "80005550001"}),
        ("how many", "count_clients", {"company_id": COMPANY}),
        ("new", "upsert_client", {"number": 9900001, "company_id": COMPANY, "name": "Test", "phone": "80005559999"}),
        ("existing", "upsert_client", {"number": 7, "company_id": COMPANY, "name": "Other", "phone": "80005559999"}),
        ("no name", "upsert_client", {"number": 9900002, "company_id": COMPANY, "name": None}),
        ("two orders", "add_orders", {"orders": [[1, 10], [2, 20]]}),
        ("one order is refused", "add_orders", {"orders": [[1, 10], [2, -1]]}),
        ("one order twice", "add_orders", {"orders": [[1, 10], [1, 10]]}),
        ("one goes", "delete_client", {"number": 1, "company_id": COMPANY}),
    )
]
METHODS = frozenset(case["method"] for case in CASES)


@dataclass(frozen=True)
class Compared:
    """What came of a comparison, in the form that tests ask for."""

    result: StageResult[MethodsArtifact]

    @property
    def codes(self) -> set[tuple[str, str]]:
        """(code, method) of the findings, but of those that name the kinds of case that a test has none of."""
        findings = (each for each in self.result.findings if each.object.kind == "method" and each.code != "MET021")
        return {(each.code, each.object.identity) for each in findings}

    def finding(self, code: str) -> Finding:
        (found,) = (each for each in self.result.findings if each.code == code)
        return found

    def pair(self, case: str) -> OutcomePair:
        (found,) = (each for each in self.result.artifact.pairs if each.case == case)
        return found

    def method(self, name: str) -> MethodResult:
        (found,) = (each for each in self.result.artifact.results if each.method == name)
        return found

    @property
    def gaps(self) -> dict[str, str]:
        return {each.item: each.reason for each in self.result.coverage.gaps}


class MethodPair:
    """A pair of databases with SCHEMA in both, and a stack that all comparisons of a module share."""

    def __init__(self, pair: Pair, stack: ScratchStack, folder: Path) -> None:
        self.pair = pair
        self.stack = stack
        self.folder = folder
        self._modules: list[str] = []
        self._source = self.written(LAYER)

    def written(self, text: str) -> str:
        """The name of a factory in a new module of this text."""
        name = f"planted_{uuid.uuid4().hex[:10]}"
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        self._modules.append(name)
        return f"{name}:create"

    def forget(self) -> None:
        for name in self._modules:
            sys.modules.pop(name, None)

    def planted(self, *changes: tuple[str, str], **more: Any) -> Compared:
        """Compare the layer with a version of it in which each text was replaced by another."""
        text = LAYER
        for old, new in changes:
            assert old in text, f"the layer has no {old!r}"
            text = text.replace(old, new)
        return self.compare(text, **more)

    def configuration(
        self,
        target: str = LAYER,
        *,
        source: str | None = None,
        cases: list[dict[str, Any]] | None = None,
        only: str = "",
        **sections: Any,
    ) -> Configuration:
        """A configuration with two modules' layers; `only` keeps the cases of one method."""
        wanted = [case for case in cases or CASES if not only or case["method"] == only]
        layers = {
            "source_layer": self.written(source) if source else self._source,
            "target_layer": self.written(target),
            "cases": self.written(f"def create():\n    return {wanted!r}\n"),
            "ignore_fields": [],
            "generate": 0,
            "sequences": 0,
            "concurrency": 0,
        }
        return Configuration.model_validate({**sections, "methods": layers | sections.get("methods", {})})

    def compare(self, target: str = LAYER, **more: Any) -> Compared:
        """Compare two modules' layers; the arguments are those of `configuration`."""
        configuration = self.configuration(target, **more)
        subjects = load_subjects(configuration, self.folder)
        assert subjects is not None
        catalogs = self.pair.catalogs()
        tables = configuration.scope.tables or tuple(catalogs[0].table_by_identity)
        return Compared(
            methods_stage(
                self.pair.source,
                self.pair.target,
                *catalogs,
                tables,
                subjects,
                configuration,
                Silent(),
                stack=self.stack,
            )
        )


def opened(pair: Pair, folder: Path, stack: ScratchStack | None = None) -> Iterator[MethodPair]:
    """For a fixture: the pair filled, on the shared stack where none is given; its modules are forgotten afterwards."""
    pair.on_both(SCHEMA)
    methods = MethodPair(pair, stack or shared_stack(), folder)
    yield methods
    methods.forget()
