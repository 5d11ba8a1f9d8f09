"""docs/datalayer.md: its examples name what is there, and the way of adoption runs as it is written."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import psycopg
import pytest

from harness.datalayer.switching.attestation import last_answered
from harness.embedded.stack import local_stack
from harness.reference.data_set import data_set
from harness.reference.seed import seed
from tests.conftest import MEMORY
from tests.datalayer.salons import ALIGNED, recorded

TEXT = (Path(__file__).parents[2] / "docs" / "datalayer.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_imports_what_is_there(example: str) -> None:
    imports = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.ImportFrom)]
    assert imports
    for node in imports:
        module = importlib.import_module(node.module or "")
        for each in node.names:
            assert hasattr(module, each.name), f"{node.module} has no {each.name}"


def test_the_way_of_adoption_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = (each for each in EXAMPLES if "open_facade" in each)
    monkeypatch.chdir(tmp_path)
    with local_stack(memory=MEMORY) as stack:
        for side, schema in ((stack.source, "source"), (stack.target, "aligned")):
            with psycopg.connect(side.dsn) as connection:
                connection.execute(ALIGNED.with_name(f"{schema}.sql").read_bytes())
                seed(connection, data_set())
        stack.gateway.reload_schema_cache()
        settings = {
            "USE_REPOSITORY_PATTERN": "true",
            "TARGET_IS_PRIMARY": "true",
            "ENABLE_DUAL_WRITE": "true",
            "SHADOW_READ_RATE": "1",
            "SUPABASE_URL": stack.gateway.url,
            "SUPABASE_KEY": stack.keys.service_role_key,
            "DATABASE_DSN": stack.target.dsn,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        exec(compile(example, "docs/datalayer.md", "exec"), {})
    answer = last_answered()
    assert answer is not None
    assert (answer.method, answer.backend) == ("get_company", "target")
    (outcome,) = recorded(tmp_path / "shadow.jsonl")
    assert (outcome["method"], outcome["outcome"]) in {("get_company", "equal"), ("get_company", "skipped")}
