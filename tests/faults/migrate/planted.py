"""Faults planted in a copy of the package, each a mistake of the engine that kills have to bring to light."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.migrate.trial import ROOT


@dataclass(frozen=True)
class Planted:
    """A text that is in the package once, and what stands there instead."""

    right: str
    wrong: str


PLANTED: Final = {
    "rows are committed before their ledger line": Planted(
        "    bounds = [None if bound is None else [str(value) for value in bound]",
        "    connection.commit()\n    time.sleep(0.02)\n"
        "    bounds = [None if bound is None else [str(value) for value in bound]",
    ),
    "the ledger line is committed before its rows": Planted(
        '    row = connection.execute(\n        query("ledger_add_chunk"),',
        "    import psycopg\n\n"
        "    own = psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True)\n"
        '    row = own.execute(\n        query("ledger_add_chunk"),',
    ),
    "a rerun takes the chunk after the last one for done": Planted(
        "    done = set(loaded.moved)\n",
        "    done = {*loaded.moved, *({max(loaded.moved) + 1} if loaded.moved else ())}\n",
    ),
    "a rerun loads the last chunk that is done again": Planted(
        "    done = set(loaded.moved)\n",
        "    done = set(loaded.moved) - {max(loaded.moved, default=0)}\n",
    ),
    "a merge skips updates": Planted(
        "    if updated:\n        action = sql.SQL(",
        "    if not key:\n        action = sql.SQL(",
    ),
    "rows that the source no longer has stay": Planted(
        "            pair.target.execute(stale)\n",
        "            stale.as_string(pair.target)\n",
    ),
    "sessions that join read a snapshot of their own": Planted(
        'joined.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.name)))',
        'joined.execute("SELECT 1")',
    ),
    "what an interrupted run wrote of a large object is taken for what the source has by now": Planted(
        "wanted = [each for each in writing if each in unlike or each not in digests]",
        "wanted = [each for each in writing if each not in digests]",
    ),
    "large objects are committed before their ledger lines": Planted(
        "            if put:\n                large_objects.put(target, put)\n",
        "            target.rollback()\n"
        "            large_objects.create(target, made)\n"
        "            large_objects.put(target, put)\n"
        "            target.commit()\n            time.sleep(0.6)\n"
        "            ledger.begun(target, self.origin, self.transfer.snapshot, begun)\n",
    ),
}


def planted_in(folder: Path, name: str) -> Path:
    """A copy of the package with the fault; what PYTHONPATH is to have."""
    return plant(folder, name, PLANTED[name])


def plant(folder: Path, name: str, fault: Planted) -> Path:
    """The same for any fault."""
    shutil.copytree(ROOT / "harness", folder / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    holding = [each for each in (folder / "harness").rglob("*.py") if fault.right in each.read_text(encoding="utf-8")]
    assert len(holding) == 1, f"the engine has changed: plant anew what would be '{name}'"
    text = holding[0].read_text(encoding="utf-8")
    assert text.count(fault.right) == 1
    holding[0].write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
    return folder
