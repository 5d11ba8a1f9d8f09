"""What a cutover leaves on record, beside its files and in its document, is about this very cutover and says all."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.render.cutover_text import print_cutover
from harness.render.html import render_html
from harness.stages.cutover import engine
from harness.stages.cutover.document import cutover_document
from harness.stages.cutover.engine import cut_over, never
from harness.stages.cutover.request import CutoverRequest, Outcome, failed
from tests.postgres.cutover_pair import APPLICATION, Morning, morning, validated


@pytest.fixture
def salon(database: str, newer_database: str, tmp_path: Path) -> Morning:
    return morning(database, newer_database, tmp_path)


@pytest.mark.long
def test_the_file_of_switches_is_led_back_to_what_this_cutover_found_not_an_earlier_one(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert salon.cut_over().state == "open"
    # The next cutover by the same file: nothing of the first is left but what it kept beside it.
    salon.state.unlink()
    for dsn in (salon.source, salon.target):
        salon.execute(dsn, "DROP SCHEMA pgparity CASCADE")
    salon.execute(salon.source, f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION}")
    salon.execute(salon.target, "TRUNCATE clients CASCADE")
    salon.switches.write_text("PRIMARY=blue\nOTHER=stays\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(engine, "smoke", lambda _: Outcome(checks=(failed("case x", "differs"),)))
        assert salon.cut_over().state == "stopped"
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=blue\nOTHER=stays\n"
    assert salon.may_write(Side.SOURCE)
    assert not (salon.folder / ".switches.env.before-cutover").exists()


@dataclass
class Narrow(Morning):
    """A pair of which a table is excluded, and a column is not compared."""

    def request(self, **section: object) -> CutoverRequest:
        asked = super().request(**section)
        data = asked.configuration.model_dump(mode="python", exclude_unset=True) | {
            "scope": {"exclude": {"public.audit": "nobody reads it"}},
            "rows": {"tables": {"public.clients": {"columns": ["id", "name"]}}},
        }
        return replace(asked, run=replace(asked.run, configuration=Configuration.model_validate(data)))


@pytest.mark.long
def test_the_document_of_a_cutover_names_what_it_did_not_compare(
    database: str, newer_database: str, tmp_path: Path
) -> None:
    wide = morning(database, newer_database, tmp_path)
    for dsn in (wide.source, wide.target):
        wide.execute(dsn, "ALTER TABLE clients ADD note text; CREATE TABLE audit (id integer PRIMARY KEY)")
    wide.execute(wide.source, "INSERT INTO audit VALUES (1)")
    narrow = Narrow(wide.source, wide.target, wide.folder)
    validated(narrow)
    record = narrow.cut_over()
    assert record.state == "open", record.failed
    # What is said of it comes from the journal alone, also in a later process.
    again = narrow.cut_over()
    for each in (record, again):
        document = cutover_document(narrow.request(), each, datetime.now(UTC))
        left = {skipped.item: skipped.reason for part in document.coverage for skipped in part.skipped}
        assert left["public.audit"] == "nobody reads it"
        assert "columns" in left["public.clients.note"]
        assert {"public.clients", "public.visits"} <= {item for part in document.coverage for item in part.items}
        assert "nobody reads it" in render_html(document)
        said = io.StringIO()
        print_cutover(each, Console(file=said, width=200))
        assert "left out: public.audit" in said.getvalue()
        assert "left out: public.clients.note" in said.getvalue()


@pytest.mark.long
def test_where_the_application_is_led_is_not_called_known_at_the_opening_when_nothing_tells(salon: Morning) -> None:
    led = salon.folder / "led"
    section: dict[str, object] = {
        "switches_file": None,
        "switch_command": [salon.program("switch", f"touch {led}")],
        "switch_back_command": [salon.program("back", f"rm -f {led}")],
        # It answers the switch, and nobody after that.
        "switched_command": [salon.program("ask", f"test -e {led} && ! test -e {led}2 && touch {led}2 || exit 2")],
    }
    record = salon.cut_over(**section)
    assert (record.state, record.exit_code) == ("incomplete", 3), record
    assert [each.name for each in record.unchecked] == ["application"]
    section["switched_command"] = [salon.program("ask", f"test -e {led}")]
    assert (salon.cut_over(**section).state, salon.cut_over(**section).exit_code) == ("open", 0)


@pytest.mark.long
def test_a_verdict_about_another_mapping_is_refused_before_anything_moves(salon: Morning) -> None:
    asked = salon.request()
    later = {"mapping": {"tables": {"public.visits": {"drop": {"at": "changed after the verdict"}}}}}
    data = asked.configuration.model_dump(mode="python", exclude_unset=True) | later
    changed = replace(asked, run=replace(asked.run, configuration=Configuration.model_validate(data)))
    plan = cut_over(changed, lambda _: True)
    assert (plan.state, plan.exit_code) == ("planned", 1)
    assert "verdict mapping" in [each.name for each in plan.failed]
    assert "verdict mapping" not in [each.name for each in cut_over(asked, never).failed]
