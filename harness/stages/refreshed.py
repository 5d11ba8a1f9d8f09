"""Refreshed: materialised views of the target that read tables whose rows were moved."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.relations import Table
from harness.core.names import qualified
from harness.core.record import Severity
from harness.errors import PrivilegeMissing
from harness.postgres.connect import table_name
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.queries import query
from harness.stages.writing_side import WritingSide

_STAGE = "migrate"


def refresh(transfer: WritingSide, tables: Sequence[Table]) -> tuple[Finding, ...]:
    """Refresh those that hold rows and read one of these tables, directly or through other views; MIG005 for each that
    cannot be.
    """
    if not tables:
        return ()
    names = {"schemas": [each.schema for each in tables], "tables": [each.name for each in tables]}
    with blaming(transfer.target_endpoint, transfer.target):
        views = transfer.target.execute(query("materialized_views"), names).fetchall()
        transfer.target.commit()
    findings = []
    for schema, name in views:
        try:
            with blaming(transfer.target_endpoint, transfer.target):
                transfer.target.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(table_name(schema, name)))
                transfer.target.commit()
        except (StatementFailed, PrivilegeMissing) as failure:
            transfer.target.rollback()
            reason = failure.reason if isinstance(failure, StatementFailed) else failure.message
            findings.append(_not_refreshed(qualified(schema, name), reason))
    return tuple(findings)


def _not_refreshed(view: str, reason: str) -> Finding:
    return Finding(
        code="MIG005",
        severity=Severity.RISK,
        stage=_STAGE,
        object=FoundObject(kind="materialized view", identity=view),
        title=f"materialised view {view} was not refreshed, and shows what was there before the rows",
        evidence=(Evidence(label="reason", text=reason),),
        fix=Fix(text="Refresh it as its owner.", sql=f"REFRESH MATERIALIZED VIEW {view};"),
    )
