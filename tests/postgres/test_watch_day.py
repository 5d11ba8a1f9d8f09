"""A watch over a day of two real servers: what is planted is an alert with the first look after it, nothing else is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.core.watch.history import moment
from harness.embedded.server import Server
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint
from tests.data_pair import Pair
from tests.watching import HOUR, MORNING, Time, settings, watched, watching

TABLES = (
    "CREATE TABLE companies (company_id bigint PRIMARY KEY, title text NOT NULL)",
    "CREATE TABLE clients (id bigint PRIMARY KEY, company_id bigint NOT NULL REFERENCES companies)",
    "ALTER TABLE clients ADD name text, ADD spent numeric(10,2), ADD seen timestamptz",
    "CREATE INDEX clients_by_name ON clients (name)",
    "INSERT INTO companies VALUES (900100, 'One'), (900200, 'Two')",
    "INSERT INTO clients SELECT i, 900100, 'client ' || i, i, '2026-01-01' FROM generate_series(1, 300) AS i",
)
ADD_SPARE = "INSERT INTO clients VALUES (301, 900100, 'client 301', 301, '2026-01-01')"


@pytest.fixture
def alike(pair: Pair) -> Pair:
    pair.on_both(*TABLES)
    return pair


def _on(act: Callable[..., None], *statements: str) -> Callable[[], None]:
    return lambda: act(*statements)


def test_one_row_less_is_an_alert_with_the_next_count_and_ends_when_it_is_there_again(
    alike: Pair, tmp_path: Path
) -> None:
    time = Time()
    time.at(1.5, _on(alike.on_target, "DELETE FROM clients WHERE id = 300"))
    time.at(2.5, _on(alike.on_target, "INSERT INTO clients VALUES (300, 900100, 'client 300', 300, '2026-01-01')"))
    configuration = settings(digest_every="never", schema_every="never", settle_seconds=1)
    found = watched(alike, tmp_path / "watch.jsonl", time, 3, configuration)
    assert found.changes == [(2.0, "begun", "counts public.clients"), (3.0, "ended", "counts public.clients")]
    assert found.change("counts public.clients").title.endswith("1 fewer")


@pytest.mark.long
def test_a_day_with_a_row_an_index_and_a_type_planted_on_either_side_alerts_in_the_first_interval_after_each(
    alike: Pair, tmp_path: Path
) -> None:
    time = Time()
    planted = (
        # hour, side, what happens, what undoes it an hour later, the alert
        (2.5, alike.on_target, "DELETE FROM clients WHERE id = 300", None, "counts public.clients"),
        (5.5, alike.on_source, ADD_SPARE, "DELETE FROM clients WHERE id = 301", "counts public.clients"),
        (8.5, alike.on_target, "CREATE INDEX planted ON clients (spent)", "DROP INDEX planted", "schema target"),
        (11.5, alike.on_source, "CREATE INDEX planted ON clients (spent)", "DROP INDEX planted", "schema source"),
        (
            14.5,
            alike.on_target,
            "ALTER TABLE clients ALTER seen TYPE date",
            "ALTER TABLE clients ALTER seen TYPE timestamptz",
            "schema target",
        ),
        (
            17.5,
            alike.on_source,
            "ALTER TABLE clients ALTER name TYPE varchar(500)",
            "ALTER TABLE clients ALTER name TYPE text",
            "schema source",
        ),
        (
            20.5,
            alike.on_target,
            "UPDATE clients SET name = 'someone else' WHERE id = 7",
            "UPDATE clients SET name = 'client 7' WHERE id = 7",
            "digests public.clients",
        ),
    )
    back = "INSERT INTO clients VALUES (300, 900100, 'client 300', 300, '2026-01-01')"
    for hour, side, plant, undo, _ in planted:
        time.at(hour, _on(side, plant))
        time.at(hour + 1, _on(side, undo or back))
    configuration = settings(digest_every="1h", settle_seconds=1)
    found = watched(alike, tmp_path / "watch.jsonl", time, 24, configuration)

    begun = {(hour, key) for hour, change, key in found.changes if change == "begun"}
    for hour, _, _, _, alert in planted:
        assert any(at == hour + 0.5 and key.startswith(alert) for at, key in begun), f"{alert} at {hour + 0.5}"
    # No alert otherwise: each began with the first look after something was planted, and ended after it was undone.
    assert {hour for hour, _ in begun} == {hour + 0.5 for hour, *_ in planted}
    ended = {hour for hour, change, _ in found.changes if change == "ended"}
    assert ended == {hour + 1.5 for hour, *_ in planted}
    assert [change for _, change, _ in found.changes].count("reminded") == 0
    assert len(found.looks) == 25


def test_tables_of_the_target_alone_are_neither_an_alert_nor_a_gap_and_an_unnamed_one_with_rows_is_a_gap(
    alike: Pair, tmp_path: Path
) -> None:
    alike.on_target("CREATE TABLE sessions (id int PRIMARY KEY)", "INSERT INTO sessions VALUES (1)")
    alike.on_both("CREATE TABLE reminders (id int PRIMARY KEY)", "INSERT INTO reminders VALUES (1)")
    scope = {"tables": ["clients", "companies"]}
    configuration = Configuration.model_validate({"scope": scope, "watch": {"settle_seconds": 0}})
    with watching(alike, tmp_path / "watch.jsonl", Time(), configuration) as (watch, _):
        ran = watch.once()
        (look,) = watch.file.history.looks
    assert [each.item for each in look.gaps] == ["public.reminders"]
    assert ran.gaps
    assert not ran.alerted
    assert {each.table for each in look.counts} == {"public.clients", "public.companies"}
    assert {each.table for each in look.digests} == {"public.clients", "public.companies"}


@pytest.mark.long
def test_a_table_that_is_dropped_is_an_alert_with_the_next_count_and_a_new_one_is_counted(
    alike: Pair, tmp_path: Path
) -> None:
    time = Time()
    time.at(1.5, _on(alike.on_target, "DROP TABLE clients"))
    time.at(2.5, _on(alike.on_both, "CREATE TABLE staff (id int PRIMARY KEY)"))
    time.at(2.6, _on(alike.on_source, "INSERT INTO staff VALUES (1)"))
    configuration = settings(digest_every="never", schema_every="never", settle_seconds=0)
    found = watched(alike, tmp_path / "watch.jsonl", time, 3, configuration)
    assert found.changes == [(2.0, "begun", "counts public.clients"), (3.0, "begun", "counts public.staff")]
    assert "the target has no table public.clients" in found.change("counts public.clients").title


@pytest.mark.long
def test_rows_that_are_on_their_way_are_counted_again_before_they_are_an_alert(alike: Pair, tmp_path: Path) -> None:
    time = Time()
    time.at(0.5, _on(alike.on_source, ADD_SPARE))
    # The look at 1:00 counts again after five seconds; the row has arrived by then.
    time.at(1.001, _on(alike.on_target, ADD_SPARE))
    configuration = settings(digest_every="never", schema_every="never", settle_seconds=5)
    found = watched(alike, tmp_path / "watch.jsonl", time, 2, configuration)
    assert found.changes == []
    assert [each.again for look in found.looks for each in look.counts if each.table == "public.clients"] == [
        False,
        True,
        False,
    ]


@pytest.mark.long
def test_a_clock_that_jumps_neither_doubles_looks_nor_stops_them(alike: Pair, tmp_path: Path) -> None:
    time = Time()

    def jump(hours: float) -> Callable[[], None]:
        def set_clock() -> None:
            time.now += hours * HOUR

        return set_clock

    configuration = settings(digest_every="never", schema_every="never", settle_seconds=0)
    time.at(2.25, jump(-24))
    with watching(alike, tmp_path / "watch.jsonl", time, configuration) as (watch, _):
        watch.run(5 * HOUR)
        numbers = [each.number for each in watch.file.history.looks]
        hours = [round((moment(each.at).timestamp() - MORNING) / HOUR, 2) for each in watch.file.history.looks]
    assert numbers == list(range(1, len(numbers) + 1))
    assert hours[:3] == [0.0, 1.0, 2.0]
    # At once after the jump, then every hour again.
    assert hours[3] == pytest.approx(2.26 - 24, abs=0.02)
    assert hours[4] == pytest.approx(hours[3] + 1, abs=0.02)
    assert len(hours) == 6


@pytest.mark.long
def test_a_table_that_may_not_be_read_is_an_alert_and_a_gap_and_the_others_are_counted(
    alike: Pair, newer_server: Server, tmp_path: Path
) -> None:
    role, database = f"watcher_{uuid.uuid4().hex[:8]}", urlsplit(alike.target_dsn).path.strip("/")
    alike.on_target(
        f"CREATE ROLE {role} LOGIN PASSWORD 'w'",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON companies TO {role}",
        # Nobody asks about it: it need not be readable.
        "CREATE TABLE sessions (id int PRIMARY KEY)",
    )
    limited = Pair(alike.source_dsn, newer_server.dsn(database, user=role, password="w"))
    try:
        configuration = settings(digest_every="never", schema_every="never", settle_seconds=0)
        with watching(limited, tmp_path / "watch.jsonl", Time(), configuration) as (watch, _):
            watch.once()
            (look,) = watch.file.history.looks
    finally:
        alike.on_target(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    assert [(each.key, each.change) for each in look.changes] == [("counts public.clients", "begun")]
    assert [each.item for each in look.gaps] == ["public.clients"]
    assert {each.table: each.difference for each in look.counts} == {"public.clients": None, "public.companies": 0}


@pytest.mark.long
def test_row_filters_and_renamed_tables_are_counted_as_they_are_compared(alike: Pair, tmp_path: Path) -> None:
    alike.on_target("ALTER TABLE clients RENAME TO customers", "DELETE FROM customers WHERE id > 100")
    configuration = Configuration.model_validate(
        {
            "mapping": {"tables": {"public.clients": {"target": "public.customers"}}},
            "migrate": {"tables": {"public.clients": {"where": "id <= 100 -- the first ones"}}},
            "watch": {"schema_every": "never", "settle_seconds": 0},
        }
    )
    with watching(alike, tmp_path / "watch.jsonl", Time(), configuration) as (watch, log):
        ran = watch.once()
        (look,) = watch.file.history.looks
    assert not ran.alerted, log
    assert {each.table: (each.source, each.target) for each in look.counts}["public.clients"] == (100, 100)
    assert {each.table: each.status for each in look.digests}["public.clients"] == "identical"


def test_a_table_that_the_source_alone_drops_is_an_alert_and_those_that_are_open_of_it_do_not_end(
    alike: Pair, tmp_path: Path
) -> None:
    time = Time()
    time.at(0.5, _on(alike.on_target, "DELETE FROM clients WHERE id = 300"))
    time.at(1.5, _on(alike.on_source, "DROP TABLE clients"))
    time.at(3.5, _on(alike.on_target, "DROP TABLE clients"))
    configuration = settings(digest_every="1h", schema_every="never", settle_seconds=0)
    found = watched(alike, tmp_path / "watch.jsonl", time, 4, configuration)
    alerts = {"counts public.clients", "digests public.clients"}
    assert {each for each in found.changes if each[1] == "begun"} == {(1.0, "begun", each) for each in alerts}
    assert {each for each in found.changes if each[1] == "ended"} == {(4.0, "ended", each) for each in alerts}
    three = found.looks[3]
    assert [(each.table, each.source, each.target) for each in three.counts if each.reason] == [
        ("public.clients", None, None)
    ]
    assert three.gaps
    (told,) = [each for each in found.looks[2].open or () if each.key == "counts public.clients"]
    assert told.title.endswith("the source has no table public.clients any more; it was compared before")
    assert "1 of 2 tables counted, those alike" in "\n".join(found.log)


@pytest.mark.long
def test_a_table_that_was_dropped_from_the_source_is_taken_over_with_a_new_baseline(
    alike: Pair, tmp_path: Path
) -> None:
    file, configuration = tmp_path / "watch.jsonl", settings(digest_every="never", settle_seconds=0)
    with watching(alike, file, Time(), configuration) as (watch, _):
        assert not watch.once().alerted
    alike.on_source("DROP TABLE clients")
    with watching(alike, file, Time(), configuration) as (watch, _):
        watch.once()
        assert "counts public.clients" in {each.key for each in watch.file.history.open_alerts}
    with watching(alike, file, Time(), configuration) as (watch, _):
        watch.new_baseline = True
        watch.once()
        keys = {each.key for each in watch.file.history.open_alerts}
    assert "counts public.clients" not in keys
    assert not any(each.startswith("schema source") for each in keys)


@pytest.mark.long
def test_a_change_of_a_table_of_the_source_that_is_not_in_scope_is_told_as_such_and_an_excluded_one_is_not(
    alike: Pair, tmp_path: Path
) -> None:
    alike.on_both("CREATE TABLE notes (id int PRIMARY KEY)", "CREATE TABLE log (id int PRIMARY KEY)")
    alike.on_target("CREATE TABLE sessions (id int PRIMARY KEY)")
    scope = {
        "tables": ["clients", "companies"],
        "exclude": {"log": "nobody reads it", "sessions": "the new system's own"},
    }
    configuration = Configuration.model_validate({"scope": scope, "watch": {"digest_every": "never"}})
    file = tmp_path / "watch.jsonl"
    with watching(alike, file, Time(), configuration) as (watch, _):
        assert not watch.once().alerted
    alike.on_source("ALTER TABLE notes ADD body text", "ALTER TABLE log ADD body text")
    with watching(alike, file, Time(), configuration) as (watch, _):
        watch.once()
        titles = [each.title for each in watch.file.history.open_alerts]
    assert [each.split(": ", 1)[1] for each in titles] == [
        "column public.notes.body is new, of a table that is not in scope (COL002)"
    ]


@pytest.mark.long
def test_the_history_of_another_pair_is_refused_and_a_database_that_changes_meanwhile_is_an_alert(
    alike: Pair, database: str, tmp_path: Path
) -> None:
    file, configuration = tmp_path / "watch.jsonl", settings(digest_every="never", schema_every="never")
    with watching(alike, file, Time(), configuration) as (watch, _):
        watch.once()
    other = Pair(database, alike.target_dsn)
    with (
        watching(other, file, Time(), configuration) as (watch, _),
        pytest.raises(ConfigurationError, match="the history is that of another source: ") as refused,
    ):
        watch.once()
    assert "--history" in (refused.value.hint or "")
    with watching(alike, file, Time(), configuration) as (watch, _):
        watch.once()
        meanwhile = watch.looker.received.of(Endpoint(Side.SOURCE, database))
        watch.looker.source = meanwhile
        ran = watch.once()
        assert ran.unreachable
        assert "source could not be looked at: it is not the database of the history" in "\n".join(
            each.title for each in watch.file.history.open_alerts
        )
