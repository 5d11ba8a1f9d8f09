"""What a cutover leaves on record, beside its files and in its document, is about this very cutover and says all."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.record import Side
from harness.stages.cutover import engine
from harness.stages.cutover.request import Outcome, failed
from tests.postgres.cutover_pair import APPLICATION, Morning, morning


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
