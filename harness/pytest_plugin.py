"""The pytest plugin: options and fixtures of the comparison suite; without effect on any other test."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.core.configuration import MethodsSection
    from harness.stages.suite import ConfiguredPair

_PAIR = pytest.StashKey["ConfiguredPair"]()
EXIT_COULD_NOT_RUN = 2
FINDINGS = "pgparity"
"""The property of a report that holds the findings of its test"""
LEARNED = "pgparity learned"
"""The property of a report that holds what its test learned for the run document; no JUnit file has it"""
EXERCISED = "pgparity exercised"
"""The property of a report that says which kinds of case its test called methods with"""
NOTHING_CONFIGURED = "no data layer is configured: set [methods] in pgparity.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--pgparity-config, -source, -target and -report-dir: as `pgparity run` takes them without the prefix."""
    group = parser.getgroup("pgparity", "pgparity: comparison of two databases")
    group.addoption("--pgparity-config", metavar="FILE", type=Path, help="pgparity.toml; default: the one here")
    group.addoption("--pgparity-source", metavar="DSN", help="DSN, service=NAME or env:NAME; default: PGPARITY_SOURCE")
    group.addoption("--pgparity-target", metavar="DSN", help="DSN, service=NAME or env:NAME; default: PGPARITY_TARGET")
    group.addoption("--pgparity-report-dir", metavar="DIR", help="Where report.html and run.json go; default: nowhere")
    group.addoption("--pgparity-show-values", action="store_true", help="masked values beside the types that differ")


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
            configuration = project.configuration
            if config.getoption("--pgparity-show-values"):
                shown = configuration.methods.model_copy(update={"show_values": True})
                configuration = configuration.model_copy(update={"methods": shown})
            config.stash[_PAIR] = ConfiguredPair(
                configuration,
                project.base,
                endpoint(project, Side.SOURCE, config.getoption("--pgparity-source")),
                endpoint(project, Side.TARGET, config.getoption("--pgparity-target")),
                telling=bool(config.getoption("--pgparity-report-dir")),
            )
        except PgparityError as error:
            pytest.exit(f"{error.code}: {error.message} (hint: {error.hint})", returncode=EXIT_COULD_NOT_RUN)
    return config.stash[_PAIR]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a table in scope, a public method, a case, a method's generated cases.

    All of it is known before a clone is made: each worker of xdist has to collect the same tests.
    """
    fixtures = {"pgparity_table", "pgparity_method", "pgparity_case", "pgparity_generated"}
    wanted = fixtures & set(metafunc.fixturenames)
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
        elif fixture == "pgparity_generated":
            metafunc.parametrize(fixture, pair.generated)
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
    found, exercised = pair.taken_findings(), pair.taken_exercised()
    told = [(FINDINGS, json.dumps([each.to_data() for each in found]))] if found else []
    told += [(EXERCISED, json.dumps(exercised))] if exercised else []
    report.user_properties += told
    # JUnit files take the properties of the report on the teardown, which is made of the item.
    item.user_properties += told
    if learned := pair.taken_told():
        report.user_properties.append((LEARNED, learned))
    return report


class ExercisedMethods:
    """Adds up, where all reports arrive, which kinds of case each method was called with, in whatever process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._kinds: dict[str, set[str]] = {}
        self._without_arguments: set[str] = set()
        self._about_project: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test adds."""
        for name, value in report.user_properties:
            if name == EXERCISED:
                for method, told in json.loads(str(value)).items():
                    self._kinds.setdefault(method, set()).update(told["kinds"])
                    if not told["takes_arguments"]:
                        self._without_arguments.add(method)
            elif name == FINDINGS and report.when == "call":
                found = json.loads(str(value))
                self._about_project += [each["title"] for each in found if each["object"]["kind"] == "project"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fewer kinds than methods.min_coverage asks for is a failure, unless only some tests were asked for."""
        if self._kinds and not self._chosen and self.percent < self._least and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line: methods x kinds of case."""
        if self._kinds:
            cells = [len(each) for each in self._cells]
            seen, all_cells = sum(cells[::2]), sum(cells[1::2])
            asked = f", {self._least:g} % are asked for" if self._least and not self._chosen else ""
            terminalreporter.write_line(
                f"pgparity: {len(self._kinds)} methods, {seen} of {all_cells} methods x kinds of case exercised"
                f" ({self.percent:g} %{asked})"
            )
        for title, times in Counter(self._about_project).most_common():
            terminalreporter.write_line(f"pgparity: {title}" + (f" ({times} times)" if times > 1 else ""))

    @property
    def percent(self) -> float:
        """Share of the cells that make sense."""
        cells = [len(each) for each in self._cells]
        return round(100 * sum(cells[::2]) / max(1, sum(cells[1::2])), 1)

    @property
    def _cells(self) -> list[set[str]]:
        """For each method the kinds that were exercised, then those that make sense for it."""
        from harness.core.method_coverage import applicable

        cells: list[set[str]] = []
        for method, kinds in self._kinds.items():
            sensible = set(
                applicable(
                    kinds,
                    takes_arguments=method not in self._without_arguments,
                    always_writes=False,
                    at_once=self._settings is None or self._settings.concurrency > 1,
                )
            )
            cells += [kinds & sensible, sensible]
        return cells

    @property
    def _chosen(self) -> bool:
        """Whether some tests were asked for and not all: what the others exercise is not known then."""
        option = self._config.option
        return bool(option.keyword or option.markexpr or any("::" in each for each in self._config.args))

    @property
    def _least(self) -> float:
        return self._settings.min_coverage if self._settings is not None else 0.0

    @cached_property
    def _settings(self) -> MethodsSection | None:
        from harness.errors import PgparityError
        from harness.project import load_project

        try:
            return load_project(self._config.getoption("--pgparity-config")).configuration.methods
        except PgparityError:
            return None


def pytest_configure(config: pytest.Config) -> None:
    """Add up coverage in the process that hears of every test; workers only report."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ExercisedMethods(config), "pgparity exercised methods")
        if folder := config.getoption("--pgparity-report-dir"):
            from harness.pytest_report import SuiteReport

            config.pluginmanager.register(SuiteReport(config, Path(folder), LEARNED), "pgparity report")
