"""A flag beats an environment variable, which beats the file; bad input is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.record import Severity, Side
from harness.errors import ConfigurationError
from harness.project import endpoint, load_project
from harness.shipped import shipped


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOURCE", "TARGET", "CONFIG", "FAIL_ON", "MAX_CONNECTIONS", "REPORT_DIR"):
        monkeypatch.delenv(f"PGPARITY_{name}", raising=False)


def written(folder: Path, text: str, name: str = "pgparity.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_at_all_gives_the_defaults(tmp_path: Path) -> None:
    project = load_project(start=tmp_path)
    assert project.file is None
    assert project.configuration.scope.schemas == ("public",)


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, '[source]\ndsn = "dbname=file"\n')
    assert endpoint(load_project(start=tmp_path), Side.SOURCE, None).dsn == "dbname=file"
    monkeypatch.setenv("PGPARITY_SOURCE", "dbname=environment")
    assert endpoint(load_project(start=tmp_path), Side.SOURCE, None).dsn == "dbname=environment"
    assert endpoint(load_project(start=tmp_path), Side.SOURCE, "dbname=flag").dsn == "dbname=flag"


def test_the_environment_beats_the_file_for_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, '[run]\nfail_on = "cosmetic"\n')
    assert load_project(start=tmp_path).configuration.run.fail_on is Severity.COSMETIC
    monkeypatch.setenv("PGPARITY_FAIL_ON", "blocker")
    assert load_project(start=tmp_path).configuration.run.fail_on is Severity.BLOCKER


def test_pyproject_toml_is_read_where_it_has_the_table(tmp_path: Path) -> None:
    written(tmp_path, '[tool.pgparity.run]\ntitle = "ours"\n', "pyproject.toml")
    assert load_project(start=tmp_path).configuration.run.title == "ours"


def test_env_names_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD_DB", "dbname=old")
    assert endpoint(load_project(start=tmp_path), Side.SOURCE, "env:OLD_DB").dsn == "dbname=old"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[run]\nfail_onn = "risk"\n', "unknown key run.fail_onn", "run.fail_on"),
        ("[rum]\n", "unknown key rum", "run"),
        ('[sorce]\ndsn = "x"\n', "unknown key sorce", "source"),
        ("[migrate]\nbatch_rows = 0\n", "migrate.batch_rows", "configuration.md"),
        ("[run\n", "is not TOML", "line"),
        (
            '[mapping.tables."public.a".columns]\nb = { source = "x", default = true }\n',
            "exactly one of source",
            "configuration.md",
        ),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_key(tmp_path: Path, text: str, message: str, hint: str) -> None:
    written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_project(start=tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        (None, "no source database is given"),
        ("", "empty string"),
        ("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE"),
        ("postgresql://u:s3cret@[bad", "not a valid libpq"),
        ("host=h passwort=s3cret", "not a valid libpq"),
    ],
)
def test_an_unusable_database_is_refused_without_its_secret(tmp_path: Path, flag: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        endpoint(load_project(start=tmp_path), Side.SOURCE, flag)
    assert message in caught.value.message
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no configuration file"):
        load_project(tmp_path / "absent.toml")


@pytest.mark.parametrize("parts", [("schemas", "project"), ("schemas", "reference")])
def test_the_shipped_configurations_are_valid(parts: tuple[str, ...]) -> None:
    assert load_project(shipped(*parts, "pgparity.toml")).configuration.scope.schemas == ("public",)


def test_the_written_project_names_every_key(tmp_path: Path) -> None:
    text = shipped("schemas", "project", "pgparity.toml").read_text(encoding="utf-8")
    configuration = load_project(start=tmp_path).configuration
    for heading, section in configuration.model_dump(by_alias=True).items():
        assert f"[{heading}" in text
        for key in section:
            assert key in text, f"{heading}.{key}"
