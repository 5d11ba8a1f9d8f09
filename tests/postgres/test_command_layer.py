"""The Node example: supabase-js through the gateway beside pg on PostgreSQL itself, compared over JSON-RPC."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.methods import methods_stage
from harness.stages.subjects import load_subjects
from tests.api_roles import API_ROLES, SERVICE_ROLE_GRANTS
from tests.data_pair import pair_of
from tests.method_pair import Compared, MethodPair, opened
from tests.node_example import NEEDS, has_node, installed

pytestmark = pytest.mark.skipif(not has_node(), reason=NEEDS)

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
id = "some"
method = "search_clients"
kwargs = { company_id = 900100, name = "boris" }

[[case]]
id = "three"
method = "latest_clients"
kwargs = { company_id = 900100, limit = 3 }

[[case]]
id = "new"
method = "upsert_client"
kwargs = { number = 9900001, company_id = 900100, name = "Test", phone = "80005559999" }

[[case]]
id = "no name"
method = "upsert_client"
kwargs = { number = 9900002, company_id = 900100 }
"""


class Example:
    """The example's two layers; either can be given in a version with one line changed."""

    def __init__(self, methods: MethodPair, packages: Path, folder: Path) -> None:
        self.methods = methods
        self.packages = packages
        self.folder = folder

    def compare(self, source: str, target: str, *change: str, **more: Any) -> Compared:
        (self.folder / "cases.toml").write_text(CASES, encoding="utf-8")
        section = {
            "source_command": ["node", str(self.packages / source)],
            "target_command": ["node", str(self._changed(target, *change))],
            "cases": "cases.toml",
            "generate": 0,
            "sequences": 0,
            "concurrency": 0,
            "ignore_fields": [],
            "api_role": "service_role",
            **more,
        }
        configuration = Configuration.model_validate({"methods": section})
        subjects = load_subjects(configuration, self.folder)
        assert subjects is not None
        catalogs = self.methods.pair.catalogs()
        pair = self.methods.pair
        return Compared(
            methods_stage(
                pair.source,
                pair.target,
                *catalogs,
                tuple(catalogs[0].table_by_identity),
                subjects,
                configuration,
                Silent(),
                stack=self.methods.stack,
            )
        )

    def _changed(self, layer: str, old: str = "", new: str = "") -> Path:
        """A layer beside the packages that it imports, so that Node finds them."""
        if not old:
            return self.packages / layer
        text = (self.packages / layer).read_text(encoding="utf-8")
        assert text.count(old) == 1
        for name in ("rpc.mjs", "methods.mjs"):
            (self.folder / name).write_bytes((self.packages / name).read_bytes())
        modules = self.folder / "node_modules"
        if not modules.exists():
            modules.symlink_to(self.packages / "node_modules")
        changed = self.folder / f"changed_{layer}"
        changed.write_text(text.replace(old, new), encoding="utf-8")
        return changed


@pytest.fixture(scope="module")
def example(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    try:
        packages = installed()
    except subprocess.CalledProcessError:
        pytest.skip("npm cannot fetch the packages of the example: there is no package index")
    folder = tmp_path_factory.mktemp("node")
    with pair_of(server, newer_server) as pair:
        pair.on_source(API_ROLES)
        for methods in opened(pair, folder):
            pair.on_source(*SERVICE_ROLE_GRANTS)
            yield Example(methods, packages, folder)


def test_supabase_js_and_pg_answer_alike_but_for_the_types_of_numbers_and_times(example: Example) -> None:
    found = example.compare("layer_supabase.mjs", "layer_pg.mjs")
    assert {pair.case: pair.verdict for pair in found.result.artifact.pairs} == {
        "one": "drift",
        "nobody": "equal",
        "some": "drift",
        "three": "drift",
        "new": "equal",
        "no name": "equal",
    }
    deltas = {(delta.path, delta.source, delta.target) for delta in found.pair("one").deltas}
    assert deltas == {("data.spent", "float", "str"), ("data.created_at", "str", "datetime")}
    assert found.pair("new").source.effects == {"public.clients inserted": 1}
    assert found.pair("no name").source.error == found.pair("no name").target.error
    assert all(pair.source.statements and pair.target.statements for pair in found.result.artifact.pairs)


def test_a_limit_that_is_one_too_large_is_found_beside_cases_that_stay_equal(example: Example) -> None:
    change = ("[company_id, limit ?? 10]", "[company_id, 1 + (limit ?? 10)]")
    found = example.compare("layer_pg.mjs", "layer_pg.mjs", *change)
    assert {code for code, _ in found.codes} & {"MET001", "MET002", "MET003", "MET006"} == {"MET001"}
    assert {each.case for each in found.result.artifact.pairs if each.verdict != "equal"} == {"three"}
