"""The files of a new project follow from the answers: each is read back as what it is for."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
import yaml

from harness.core.configuration import Configuration
from harness.core.new_project import Answers, RowsAre, pipeline_file, project_file
from harness.shipped import shipped

LAYERS = Answers(source_layer="app.old:create", target_layer="app.new:create")


def template(name: str) -> str:
    return shipped("schemas", "project", name).read_text(encoding="utf-8")


def project(answers: Answers) -> Configuration:
    return Configuration.model_validate(tomllib.loads(project_file(template("pgparity.toml"), answers)))


def test_without_an_answer_the_template_stays_as_it_is() -> None:
    assert project_file(template("pgparity.toml"), Answers()) == template("pgparity.toml")


def test_the_template_says_the_defaults() -> None:
    given = Configuration.model_validate(tomllib.loads(template("pgparity.toml")))
    named = {"source": {"dsn": "env:PGPARITY_SOURCE"}, "target": {"dsn": "env:PGPARITY_TARGET"}}
    assert given == Configuration.model_validate(named)


def test_every_answer_arrives_in_the_configuration() -> None:
    found = project(
        Answers(
            source="env:OLD_DB",
            target="service=new",
            schemas=("public", 'odd "one"'),
            supabase=True,
            migrate=RowsAre.MOVED,
            source_command="node layer.mjs",
            target_layer="app.new:create",
        )
    )
    assert (found.source.dsn, found.target.dsn) == ("env:OLD_DB", "service=new")
    assert found.scope.schemas == ("public", 'odd "one"')
    assert (found.source.label, found.schema_.policy) == ("Supabase", "supabase")
    assert found.migrate.enabled
    assert (found.methods.source_command, found.methods.target_layer) == ("node layer.mjs", "app.new:create")
    assert found.methods.cases is None, "a file that holds no case is refused: generated ones come first"
    assert found.run.exclude_stages == {}


def test_what_is_not_wanted_is_left_out_by_name_with_its_reason() -> None:
    found = project(Answers(migrate=RowsAre.MOVED_ELSEWHERE, without_methods='they say "later"'))
    assert set(found.run.exclude_stages) == {"migrate", "contract", "methods"}
    assert found.run.exclude_stages["methods"] == 'they say "later"'
    assert not found.migrate.enabled


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_a_pipeline_hands_on_the_variables_that_the_project_names(name: str) -> None:
    text = pipeline_file(template(name), replace(LAYERS, source="env:PGPARITY_TARGET_OLD", target="service=new"))
    assert yaml.safe_load(text)
    assert "PGPARITY_TARGET_OLD" in text
    assert "PGPARITY_SOURCE" not in text
    assert "PGPARITY_TARGET" in text.replace("PGPARITY_TARGET_OLD", "")


def test_a_pipeline_on_github_has_the_secrets_and_keeps_the_report() -> None:
    job: dict[str, Any] = yaml.safe_load(pipeline_file(template("github.yml"), LAYERS))["jobs"]["compare"]
    assert job["env"] == {f"PGPARITY_{side}": f"${{{{ secrets.PGPARITY_{side} }}}}" for side in ("SOURCE", "TARGET")}
    kept = job["steps"][-1]
    assert kept["if"] == "always()"
    assert kept["with"]["path"] == "reports/runs/ci"
