"""How long a report of very many findings takes to render and to open in Chromium, and how large it is.

`make bench-report`; `python -m benchmarks.report --findings 10000 --rounds 5`. Opened: from the navigation to the load
event, and on until the next frame was drawn; the processor time of the page's own thread until then, which other work
on the machine changes little; then what the first words in the filter take, and their removal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from harness.core.change import Change
from harness.core.document import Environment, RunDocument, ServerFacts, StageRecord
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.record import Consequence, Severity
from harness.core.verdict import decide
from harness.render.html import render_html

NAMES = ("chromium", "chromium-browser", "google-chrome")
LARGEST, LONGEST = 5_000_000, 1.0
"""Bytes and seconds that a report of 10,000 findings is to stay below"""
_DRAWN = """() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => {
  drawn(performance.now());
})))"""
_FILTERED = """(words) => new Promise((drawn) => {
  const started = performance.now();
  const field = document.querySelector('[name=q]');
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  const output = document.querySelector('#filter output');
  new MutationObserver(() => requestAnimationFrame(() => drawn(performance.now() - started)))
    .observe(output, { childList: true });
})"""


def large_document(number: int) -> RunDocument:
    """`number` findings about 400 tables, with evidence, fixes and the changes behind them."""
    severities = (Severity.BLOCKER, Severity.RISK, Severity.COSMETIC)
    codes = ("COL001", "IDX001", "CON007")
    findings, changes = [], []
    for place in range(number):
        table = f"public.table_{place % 400:04d}"
        identity = f"{table}.column_{place:06d}"
        findings.append(
            Finding(
                code=codes[place % 3],
                severity=severities[place % 3],
                stage="diff",
                object=FoundObject(kind="column", identity=identity),
                title=f"column {identity} is not the same on the target",
                table=table,
                evidence=(Evidence(label="type", source="character varying(255)", target="character varying(64)"),),
                breaks=(f"find_by_column_{place:06d}",),
                fix=Fix(text="Change the type.", sql=f"ALTER TABLE {table} ALTER COLUMN column_{place:06d} TYPE text;"),
                query=f"SELECT count(*) FROM {table} WHERE length(column_{place:06d}) > 64;",
            )
        )
        changes.append(
            Change(
                kind="column",
                identity=identity,
                attribute="type",
                change="altered",
                source="character varying(255)",
                target="character varying(64)",
                consequence=Consequence.WRITES_FAIL,
                table=table,
            )
        )
    findings.sort(key=lambda finding: (finding.severity.rank, finding.code, finding.object.identity))
    server = ServerFacts(
        label="A large schema", address="127.0.0.1:5432", database="large", role="reader", version="18.4",
        system_identifier="7391045512345678901", encoding="UTF8", collation="C.UTF-8",
    )  # fmt: skip
    stage = StageRecord(name="diff", status="failed", summary=f"{number:,} changes", seconds=3.0)
    return RunDocument(
        id="large", title="A large schema", started_at="2026-07-14T09:12:03+00:00",
        finished_at="2026-07-14T09:12:11+00:00", seconds=8.2,
        verdict=decide(findings, [(stage.name, stage.status, stage.summary)], fail_on=Severity.RISK),
        source=server, target=server, stages=(stage,), coverage=(), findings=tuple(findings), changes=tuple(changes),
        environment=Environment(pgparity="", python="", platform=""),
    )  # fmt: skip


def opening(browser: Browser, file: Path) -> dict[str, float]:
    """Seconds of one opening, in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(file.as_uri(), wait_until="load")
        drawn = page.evaluate(_DRAWN)
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        readable = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
        narrowed = page.evaluate(_FILTERED, "column_000007")
        cleared = page.evaluate(_FILTERED, "")
        return {
            "first words seen": readable / 1000,
            "loaded, scripts run": loaded / 1000,
            "drawn": drawn / 1000,
            "processor until then": metrics["TaskDuration"],
            "first words filtered": narrowed / 1000,
            "filter cleared": cleared / 1000,
        }
    finally:
        context.close()


def main() -> None:
    """Measure, print, and end with 1 where a limit is missed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--findings", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    found = os.environ.get("PGPARITY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit(f"no Chromium: none of {', '.join(NAMES)} is installed and PGPARITY_CHROMIUM is not set")
    document = large_document(asked.findings)
    times, processor = [], []
    html = ""
    for _ in range(asked.rounds):
        started, worked = time.perf_counter(), time.process_time()
        html = render_html(document)
        times.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    size = len(html.encode())
    print(f"{asked.findings:,} findings, medians of {asked.rounds}; load of this machine {os.getloadavg()[0]:.1f}")
    print(
        f"rendered             {statistics.median(times):6.2f} s ({statistics.median(processor):.2f} s of a processor)"
    )
    print(f"size                 {size / 1e6:6.2f} MB")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "report.html")
        file.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        opening(browser, file)  # The first page of a browser pays for its processes.
        rounds = [opening(browser, file) for _ in range(asked.rounds)]
        browser.close()
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    for name, seconds in medians.items():
        print(f"{name:20} {seconds:6.2f} s (fastest {min(each[name] for each in rounds):.2f})")
    if size >= LARGEST or medians["drawn"] >= LONGEST:
        raise SystemExit(f"missed: below {LARGEST / 1e6:.0f} MB and drawn in {LONGEST:.0f} s")


if __name__ == "__main__":
    main()
