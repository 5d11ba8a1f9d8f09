"""The report of a comparison suite: hears of every test, in whatever process, and writes run.json and report.html."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.core.suite_answers import Heard, Told
from harness.errors import PgparityError
from harness.project import load_project
from harness.stages.journal import now
from harness.stages.run_folders import DOCUMENT, REPORT, RUNS, has_index, with_history, write_index, write_run
from harness.stages.suite_document import suite_document

EXIT_NO_REPORT = 2


class SuiteReport:
    """Registered where a report is asked for, in the process that hears of all tests."""

    def __init__(self, config: pytest.Config, folder: Path, name: str) -> None:
        """`name` is the property of a test's report that holds what the test learned."""
        self._config = config
        # The folder is that of the moment: a test may change into another one.
        self._folder = folder.absolute()
        self._shown = folder
        self._name = name
        self._heard = Heard()
        self._started_at, self._started = now(), time.perf_counter()
        self._lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test learned."""
        for name, value in report.user_properties:
            if name == self._name and report.when == "call":
                self._heard.hear(Told.from_json(str(value)), report.duration)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report, also of a session that was cut short: what did not run is a gap in it."""
        if self._config.option.collectonly:
            return
        try:
            self._write()
        except PgparityError as error:
            self._lines = [f"no report: {error.code}: {error.message} (hint: {error.hint})"]
            session.exitstatus = EXIT_NO_REPORT
        if self._heard.facts is None and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = EXIT_NO_REPORT

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where the report is, and its verdict: that of the whole suite, whichever tests were chosen."""
        for line in self._lines:
            terminalreporter.write_line(f"pgparity: {line}")

    def _write(self) -> None:
        facts = self._heard.facts
        if facts is None:
            kept = f"; {self._shown / DOCUMENT} is of an earlier one" if (self._folder / DOCUMENT).exists() else ""
            self._lines = [f"no report: no test of the comparison suite gave an answer{kept}"]
            return
        configuration = load_project(self._config.getoption("--pgparity-config")).configuration
        document = suite_document(
            configuration,
            facts,
            self._heard,
            started_at=self._started_at,
            seconds=time.perf_counter() - self._started,
        )
        document = with_history(document, self._folder)
        write_run(document, self._folder)
        self._lines = [f"{document.verdict.status}: {each}" for each in document.verdict.reasons[:1]]
        self._lines.append(f"report: {self._shown / REPORT}")
        if self._shown.parent == RUNS or has_index(self._folder.parent):
            try:
                write_index(self._folder.parent)
            except PgparityError as error:
                self._lines.append(f"no index of all runs: {error.message}")
