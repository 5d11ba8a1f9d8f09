"""`pgparity methods`: one object on stdout, one screen for people, and the exit codes, without a configuration file."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.embedded.server import Server
from harness.stages import methods_alone
from tests.cli.conftest import Pgparity
from tests.data_pair import Pair, pair_of
from tests.method_pair import LAYER, SCHEMA
from tests.shared_stack import shared_stack

FEW = ("--generate", "0", "--sequences", "0", "--concurrency", "0")
CASES = """
[[case]]
id = "one"
method = "get_client"
kwargs = { number = 7, company_id = 900100 }

[[case]]
id = "nobody"
method = "get_client"
kwargs = { number = 7000, company_id = 900100 }

[[case]]
id = "lower case"
method = "search_clients"
kwargs = { company_id = 900100, name = "анна" }
"""
PHONE = """
[[case]]
id = "phone: one"
method = "client_by_phone"
kwargs = { phone = "80005550007" }
"""
COUNTS = """
[[case]]
id = "count: other"
method = "count_clients"
kwargs = { company_id = 900200 }

[[case]]
id = "count: nobody's"
method = "count_clients"
kwargs = { company_id = 1 }
"""
Compare = Callable[..., Any]


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as filled:
        filled.on_both(SCHEMA)
        yield filled


@pytest.fixture
def compare(pair: Pair, here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Call the command on two layers of this folder: `target` is the text of the target's.

    All calls share the local servers: to start them anew would be most of the tests' time.
    """
    monkeypatch.setattr(methods_alone, "ScratchStack", lambda: contextlib.nullcontext(shared_stack()))

    def call(*arguments: str, target: str = LAYER, source: str = LAYER, cases: str | None = CASES) -> Any:
        (tmp_path / "old_layer.py").write_text(source, encoding="utf-8")
        (tmp_path / "new_layer.py").write_text(target, encoding="utf-8")
        given = ["--source", pair.source_dsn, "--target", pair.target_dsn]
        given += ["--source-layer", "old_layer:create", "--target-layer", "new_layer:create"]
        if cases is not None:
            (tmp_path / "cases.toml").write_text(cases, encoding="utf-8")
            given += ["--cases", "cases.toml"]
        return here("methods", *given, *FEW, *arguments)

    return call


CASE_SENSITIVE = LAYER.replace("name ILIKE %s", "name LIKE %s")


def test_equal_layers_are_one_object_with_every_method_and_exit_code_0(compare: Compare) -> None:
    result = compare("--format", "json", "--method", "get_client", "--method", "search_clients")
    assert result.returncode == 0, result.stderr + result.stdout
    told = json.loads(result.stdout)
    assert {"methods", "findings", "coverage"} <= told.keys()
    assert {each["method"]: (each["cases"], each["equal"]) for each in told["methods"]} == {
        "get_client": (2, 2),
        "search_clients": (1, 1),
    }
    assert all(each["latency"]["ratio"] > 0 for each in told["methods"])
    assert {each["side"] for each in told["coverage"]["servers"]} == {"source", "target"}


def test_a_method_that_answers_otherwise_is_exit_code_1_and_read_in_one_screen(compare: Compare) -> None:
    result = compare("--method", "search_clients", "--method", "get_client", target=CASE_SENSITIVE)
    assert result.returncode == 1, result.stderr + result.stdout
    lines = result.stdout.splitlines()
    assert len(lines) < 40
    assert lines[0].startswith("NO-GO")
    assert "MET001 blocker  search_clients answers otherwise on the target in 1 of 1 case" in result.stdout
    assert "search_clients(company_id=900100, name=text(4))   case lower case" in result.stdout
    assert "source: list of 13 objects | target: empty list" in result.stdout
    assert "next:" in result.stdout
    assert "Анна" not in result.stdout


@pytest.mark.parametrize("chosen", ["junit", "markdown", "github"])
def test_the_other_formats_are_those_of_a_run_with_this_one_stage(compare: Compare, chosen: str) -> None:
    result = compare("--format", chosen, "--method", "search_clients", target=CASE_SENSITIVE)
    assert result.returncode == 1, result.stderr
    assert "search_clients answers otherwise on the target" in result.stdout
    assert "introspect" not in result.stdout


def test_a_method_without_a_case_is_not_verified(compare: Compare) -> None:
    result = compare("--format", "json")
    assert result.returncode == 3, result.stdout
    assert "MET008" in {each["code"] for each in json.loads(result.stdout)["findings"]}


def test_an_empty_source_is_no_evidence(here: Pgparity, server: Server, newer_server: Server, tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(LAYER, encoding="utf-8")
    (tmp_path / "cases.toml").write_text(CASES, encoding="utf-8")
    with pair_of(server, newer_server) as empty:
        empty.on_both(SCHEMA, "TRUNCATE clients, orders, audit")
        sides = ("--source", empty.source_dsn, "--target", empty.target_dsn)
        layers = ("--source-layer", "layer:create", "--target-layer", "layer:create", "--cases", "cases.toml")
        result = here("methods", *sides, *layers, *FEW, "--method", "get_client")
    assert result.returncode == 3, result.stdout
    assert "every table in scope is empty on the source" in result.stdout


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_database_that_holds_nothing_is_one_line_and_exit_code_2(
    here: Pgparity, server: Server, newer_server: Server, tmp_path: Path, side: str
) -> None:
    (tmp_path / "layer.py").write_text(LAYER, encoding="utf-8")
    with pair_of(server, newer_server) as pair:
        pair.on_target(SCHEMA) if side == "source" else pair.on_source(SCHEMA)
        sides = ("--source", pair.source_dsn, "--target", pair.target_dsn)
        result = here("methods", *sides, "--source-layer", "layer:create", "--target-layer", "layer:create")
    assert result.returncode == 2, result.stdout
    assert f"the {side} has no table in" in result.stderr
    assert result.stdout == ""


def test_an_index_that_a_method_misses_on_the_target_is_told_by_this_command_too(compare: Compare, pair: Pair) -> None:
    pair.on_source("CREATE INDEX clients_phone ON clients (phone)")
    try:
        result = compare("--format", "json", "--method", "client_by_phone", cases=PHONE)
    finally:
        pair.on_source("DROP INDEX clients_phone")
    found = {each["code"]: each["object"]["identity"] for each in json.loads(result.stdout)["findings"]}
    assert found["CTR011"] == "public.clients.clients_phone"
    assert result.returncode == 0, "the table is small: that is cosmetic"


def test_each_finding_shows_a_case_that_has_it(compare: Compare) -> None:
    """Generated cases of a method differ in several ways; all of them are about arguments of one row."""
    wrong = LAYER.replace(
        'SELECT count(*) AS n FROM clients WHERE company_id = %s", company_id)[0]["n"]',
        'SELECT count(*) + (company_id = 900200)::int AS n FROM clients WHERE company_id = %s GROUP BY company_id",'
        ' company_id)[0]["n"] + (1 / 0 if company_id == 1 else 0)',
    )
    assert wrong != LAYER
    result = compare("--method", "count_clients", target=wrong, cases=COUNTS)
    sections = result.stdout.split("\n  MET")
    (failing,) = (each for each in sections if each.startswith("004"))
    (other,) = (each for each in sections if each.startswith("001"))
    assert "count_clients(company_id=1)" in failing
    assert "count_clients(company_id=900200)" in other


def test_what_a_layer_prints_is_not_on_stdout(compare: Compare) -> None:
    talking = LAYER.replace("def create(context):\n", "def create(context):\n    print('hello')\n")
    result = compare("--format", "json", "--method", "get_client", target=talking)
    assert json.loads(result.stdout)["methods"]
    assert "hello" not in result.stdout


def test_coverage_below_what_is_asked_for_is_exit_code_3(compare: Compare) -> None:
    result = compare("--method", "get_client", "--min-coverage", "100")
    assert result.returncode == 3, result.stdout
    assert "100 % are asked for" in result.stdout


def test_cases_are_generated_where_none_are_written(compare: Compare) -> None:
    result = compare(
        "--format", "json", "--generate", "20", "--seed", "5", "--method", "search_clients",
        target=CASE_SENSITIVE, cases=None,
    )  # fmt: skip
    assert result.returncode == 1, result.stderr + result.stdout
    assert json.loads(result.stdout)["methods"][0]["cases"] >= 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--method", "get_clients"), "Did you mean get_client?"),
        (("--seed", "x"), "--seed"),
        (("--seed", "-1"), "--seed"),
        (("--source-command", "node layer.mjs"), "--source-layer and --source-command are both given"),
        (("--source-layer", "old_layer:built"), "module old_layer has no built"),
        (("--target-layer", "builtins:type"), "the target layer builtins:type has no public method"),
        (("--source-layer", "nowhere:create"), "there is no module nowhere"),
        (("--cases", "none.toml"), "none.toml does not exist"),
        (("--allow-writes",), "methods.source_rest_url is not"),
        (("--source-rest-url", "https://project.example"), "env:NAME"),
        (("--source-rest-url", "ftp://x", "--source-api-key", "env:HOME"), "no http:// or https:// URL"),
    ],
)
def test_what_cannot_be_run_is_one_line_one_hint_and_exit_code_2(
    compare: Compare, arguments: tuple[str, ...], said: str
) -> None:
    result = compare(*arguments)
    assert result.returncode == 2, result.stdout
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_the_same_database_on_both_sides_is_refused(here: Pgparity, pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(LAYER, encoding="utf-8")
    result = here(
        "methods", "--source", pair.source_dsn, "--target", pair.source_dsn,
        "--source-layer", "layer:create", "--target-layer", "layer:create",
    )  # fmt: skip
    assert result.returncode == 2
    assert "E220" in result.stderr


def test_flags_beat_the_file_and_the_file_is_not_needed_for_the_rest(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text(
        '[methods]\nsource_layer = "absent:create"\ncases = "absent.toml"\n'
        '[run.exclude_stages]\nmethods = "left out of whole runs"\n',
        encoding="utf-8",
    )
    result = compare("--method", "get_client")
    assert result.returncode == 0, result.stderr


def test_its_help_has_an_example(here: Pgparity) -> None:
    result = here("methods", "--help")
    assert result.returncode == 0
    assert "Example: pgparity methods" in result.stdout
