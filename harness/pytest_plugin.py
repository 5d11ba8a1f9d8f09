"""The pytest plugin: options and fixtures of the comparison suite; without effect on any other test."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.stages.suite import ConfiguredPair

_PAIR = pytest.StashKey["ConfiguredPair"]()
EXIT_COULD_NOT_RUN = 2
NOTHING_CONFIGURED = "no data layer is configured: set [methods] in pgparity.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--pgparity-config, --pgparity-source, --pgparity-target: as `pgparity run` takes them without the prefix."""
    group = parser.getgroup("pgparity", "pgparity: comparison of two databases")
    group.addoption("--pgparity-config", metavar="FILE", type=Path, help="pgparity.toml; default: the one here")
    group.addoption("--pgparity-source", metavar="DSN", help="DSN, service=NAME or env:NAME; default: PGPARITY_SOURCE")
    group.addoption("--pgparity-target", metavar="DSN", help="DSN, service=NAME or env:NAME; default: PGPARITY_TARGET")


def _pair(config: pytest.Config) -> ConfiguredPair:
    """The pair of databases of this process: each worker of xdist has its own, with clones of its own.

    Bad input ends the session with one line, before a test runs.
    """
    # Late, because other test suites must not pay for these imports.
    from harness.core.record import Side
    from harness.errors import PgparityError
    from harness.project import endpoint, load_project
    from harness.stages.suite import ConfiguredPair

    if _PAIR not in config.stash:
        try:
            project = load_project(config.getoption("--pgparity-config"))
            config.stash[_PAIR] = ConfiguredPair(
                project.configuration,
                project.base,
                endpoint(project, Side.SOURCE, config.getoption("--pgparity-source")),
                endpoint(project, Side.TARGET, config.getoption("--pgparity-target")),
            )
        except PgparityError as error:
            pytest.exit(f"{error.code}: {error.message} (hint: {error.hint})", returncode=EXIT_COULD_NOT_RUN)
    return config.stash[_PAIR]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a table in scope, a public method, a case."""
    wanted = {"pgparity_table", "pgparity_method", "pgparity_case"} & set(metafunc.fixturenames)
    if not wanted:
        return
    pair = _pair(metafunc.config)
    for fixture in sorted(wanted):
        if fixture == "pgparity_table":
            metafunc.parametrize(fixture, pair.tables)
        elif pair.subjects is None:
            metafunc.parametrize(fixture, [pytest.param(None, marks=pytest.mark.skip(reason=NOTHING_CONFIGURED))])
        elif fixture == "pgparity_method":
            metafunc.parametrize(fixture, pair.methods)
        else:
            cases = pair.subjects.cases
            metafunc.parametrize(fixture, cases, ids=[f"{case.method}: {case.id}" for case in cases])


@pytest.fixture(scope="session")
def pgparity(pytestconfig: pytest.Config) -> Iterator[ConfiguredPair]:
    """The configured pair of databases; its clones and servers end with the session."""
    with _pair(pytestconfig) as pair:
        yield pair


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what differs without a traceback; carry the findings in the report: they survive a worker's crash."""
    report = yield
    pair = item.config.stash.get(_PAIR, None)
    if pair is None or report.when != "call":
        return report
    if call.excinfo is not None and call.excinfo.typename == "ParityError":
        report.longrepr = str(call.excinfo.value)
    found = pair.taken_findings()
    if found:
        report.user_properties.append(("pgparity", json.dumps([each.to_data() for each in found])))
    return report
