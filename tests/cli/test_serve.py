"""`pgparity serve` as another process drives it: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.stages.run_folders import write_run
from tests.cli.conftest import Pgparity, environment
from tests.report import samples
from tests.report.story import told_in_full
from tests.watch_history_sample import history_text

TOKEN = "a-token-of-more-than-16-characters"
NOWHERE = "postgresql://role:secret-word@127.0.0.1:1/nowhere"
Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers in the test's folder and gives them with their addresses; all have ended after the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "serve", "--port", "0", "--json", *arguments],
            cwd=tmp_path,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()
        return process, json.loads(line)["url"]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_it_says_where_it_is_answers_and_ends_within_a_second(database: str, start: Start) -> None:
    process, url = start("--target", database)
    with httpx.Client(base_url=url) as client:
        assert client.get("/health/database").status_code == 200
        assert "target" in client.get("/").text
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert time.monotonic() - began < 1.5
    assert said == f"serving at {url}/ (Ctrl-C ends it)\n"


@pytest.mark.long
def test_it_ends_within_a_second_also_while_a_database_does_not_answer(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"postgresql://role:secret-word@127.0.0.1:{silent.getsockname()[1]}/nowhere"
        process, url = start("--target", dsn)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/health/database", timeout=0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - began < 2
    assert "secret-word" not in said
    assert "Traceback" not in said


@pytest.mark.long
def test_runs_and_the_watch_are_on_the_page_and_in_the_metrics(tmp_path: Path, start: Start) -> None:
    write_run(samples.aligned(), tmp_path / "reports/runs/first")
    write_run(told_in_full(), tmp_path / "reports/runs/second <b>")
    history = tmp_path / "reports/watch/watch.jsonl"
    history.parent.mkdir()
    history.write_text(history_text(), encoding="utf-8")
    _, url = start("--target", NOWHERE)
    page = httpx.get(url).text
    for text in ("NO-GO", "Schema aligned, code mended", "public.bookings: 2 rows fewer on the target", "unavailable"):
        assert text in page
    report = httpx.get(f"{url}/runs/second%20%3Cb%3E/report.html")
    assert (report.status_code, "NO-GO" in report.text) == (200, True)
    assert httpx.get(f"{url}/runs/third/report.html").status_code == 404
    metrics = httpx.get(f"{url}/metrics").text
    for line in (
        'pgparity_verdict{status="NO-GO"} 1.0',
        'pgparity_verdict{status="GO"} 0.0',
        'pgparity_database_up{database="target"} 0.0',
        'pgparity_watch_difference_rows{table="public.bookings"} -2.0',
        'pgparity_watch_alerts_open{kind="counts"} 1.0',
        'datalayer_calls_total{error_kind="connection",kind="other",table="none"}',
        "process_resident_memory_bytes",
    ):
        assert line in metrics, line
    families = [each.name for each in text_string_to_metric_families(metrics)]
    assert len(families) == len(set(families))
    history.write_text("no history\nat all\n", encoding="utf-8")
    (tmp_path / "reports/runs/third").mkdir()
    (tmp_path / "reports/runs/third/run.json").write_text("{}", encoding="utf-8")
    time.sleep(5.1)
    metrics = httpx.get(f"{url}/metrics").text
    assert 'pgparity_verdict{status="NO-GO"} 0.0' in metrics
    assert "pgparity_verdict_age" not in metrics
    assert "is no line of a watch" in " ".join(httpx.get(url).text.split())
    assert "secret-word" not in page + metrics


def test_the_port_that_is_in_use_is_named(here: Pgparity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = here("serve", "--target", NOWHERE, "--port", port)
    assert result.returncode == 2
    assert f"port {port} of 127.0.0.1 is in use" in result.stderr
    assert "--port" in result.stderr


def test_what_else_runs_in_the_process_has_its_pools_logs_again_once_it_has_ended(here: Pgparity) -> None:
    pools = logging.getLogger("psycopg.pool")
    before = pools.getEffectiveLevel()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = here("serve", "--target", NOWHERE, "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert pools.getEffectiveLevel() == before <= logging.WARNING


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        ([], {}, "no database is given"),
        (["--target", NOWHERE, "--host", "0.0.0.0"], {}, "no token is set"),
        (["--target", NOWHERE, "--host", "::"], {}, "no token is set"),
        (["--target", NOWHERE, "--token", TOKEN], {}, "given as it is"),
        (["--target", NOWHERE, "--token", "env:A_TOKEN"], {}, "A_TOKEN of the token is not set"),
        (["--target", NOWHERE, "--token", "env:A_TOKEN"], {"A_TOKEN": "short"}, "shorter than 16"),
        (["--target", NOWHERE, "--host", "no.such.host.invalid", "--token", "env:T"], {"T": TOKEN}, "cannot listen"),
        (["--target", "nonsense"], {}, "not a valid libpq"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_line(
    here: Pgparity, arguments: list[str], variables: dict[str, str], said: str
) -> None:
    result = here("serve", *arguments, **variables)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert TOKEN not in result.stderr
    assert "secret-word" not in result.stderr


def test_a_token_in_the_file_is_refused_as_it_is(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text(f'[serve]\ntoken = "{TOKEN}"\n', encoding="utf-8")
    result = here("serve", "--target", NOWHERE)
    assert result.returncode == 2
    assert "env:NAME" in result.stderr
    assert TOKEN not in result.stderr


@pytest.mark.long
def test_from_other_addresses_it_is_reached_with_the_token_alone(database: str, start: Start) -> None:
    _, url = start("--target", database, "--host", "0.0.0.0", "--token", "env:A_TOKEN", A_TOKEN=TOKEN)
    assert httpx.get(f"{url}/health/live", headers={"Host": "any.example"}).status_code == 200
    assert httpx.get(f"{url}/health/database").status_code == 401
    assert httpx.get(f"{url}/health/database", auth=("anybody", TOKEN)).status_code == 200


@pytest.mark.long
def test_requests_are_logged_where_that_is_asked_for_in_a_line_each_without_secrets(start: Start) -> None:
    process, url = start("--target", NOWHERE, "--log")
    httpx.get(f"{url}/health/live?token=query-word", headers={"Authorization": "Bearer header-word"})
    httpx.get(f"{url}/postgresql://a:path-word@b%0Aforged line")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=10)
    lines = said.splitlines()
    assert [each.rpartition(" 200 ")[0] or each.rpartition(" 404 ")[0] for each in lines[1:]] == [
        "GET /health/live",
        "GET /postgresql://a:***@b␊forged line",
    ]
    assert "-word" not in said


@pytest.mark.long
def test_its_sessions_are_few_named_and_read_only(database: str, start: Start) -> None:
    _, url = start("--target", database, "--source", database)
    with psycopg.connect(database) as connection, httpx.Client(base_url=url) as client:
        for _ in range(3):
            for path in ("/", "/health/database", "/metrics", "/health/sessions?company_id=1"):
                client.get(path)
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity serve'"
        ).fetchone()
    assert found is not None
    assert 1 <= found[0] <= 8
