"""The JSON Schemas of the contracts, from the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from harness.core.backup import BackupManifest, BackupStatus, PlannedBackup, RestoredDatabase
from harness.core.change import Change
from harness.core.chat_sessions import SessionsCleanUp, SessionsReport
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage
from harness.core.cutover.journal import CutoverIdentity, JournalLine
from harness.core.cutover.record import CutoverRecord
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.core.digest import DigestDocument, DigestRequest
from harness.core.document import RunDocument
from harness.core.event_line import EventLine
from harness.core.findings import Finding
from harness.core.health.documents import DatabaseHealth, LiveHealth, MetricsHealth, Problem, SessionsHealth
from harness.core.ledger import Ledger
from harness.core.mapping import Mapping
from harness.core.migration_plan import MigrationPlan
from harness.core.model.catalog import catalog_json_schema
from harness.core.outcomes import Case, OutcomePair
from harness.core.plan import Plan
from harness.core.policy import ManagedPolicy
from harness.core.report_line import ReportLine
from harness.core.watch.history import WatchLine
from harness.core.watch.notices import WatchNotice
from harness.core.watch.summary import WatchSummary

WRITTEN_BY_US: dict[str, type[BaseModel]] = {
    "run": RunDocument,
    "change": Change,
    "plan": Plan,
    "ledger": Ledger,
    "event-line": EventLine,
    "report-line": ReportLine,
    "migration-plan": MigrationPlan,
    "outcome": OutcomePair,
    "finding": Finding,
    "coverage": Coverage,
    "digest": DigestDocument,
    "digest-request": DigestRequest,
    "watch": WatchLine,
    "watch-notice": WatchNotice,
    "watch-summary": WatchSummary,
    "backup": BackupManifest,
    "cutover": CutoverRecord,
    "cutover-rehearsal": RehearsalRecord,
    "cutover-journal": CutoverIdentity,
    "cutover-journal-line": JournalLine,
    "backup-plan": PlannedBackup,
    "backup-status": BackupStatus,
    "restore": RestoredDatabase,
    "sessions": SessionsReport,
    "sessions-cleanup": SessionsCleanUp,
    "health-live": LiveHealth,
    "health-database": DatabaseHealth,
    "health-metrics": MetricsHealth,
    "health-sessions": SessionsHealth,
    "health-problem": Problem,
}
WRITTEN_BY_USERS: dict[str, type[BaseModel]] = {
    "mapping": Mapping,
    "configuration": Configuration,
    "case": Case,
    "policy": ManagedPolicy,
}


def contract_schemas() -> dict[str, str]:
    """The text of each schema, by the name of its contract."""
    schemas = {name: model.model_json_schema(mode="serialization") for name, model in WRITTEN_BY_US.items()}
    schemas |= {name: model.model_json_schema(mode="validation") for name, model in WRITTEN_BY_USERS.items()}
    schemas["catalog"] = catalog_json_schema()
    return {name: _text(name, schema) for name, schema in schemas.items()}


def _text(name: str, schema: dict[str, Any]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"pgparity/{name}.v1.json"}
    return json.dumps(head | schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
