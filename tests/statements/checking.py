"""The contract check as its tests call it: small catalogs, and statements of both layers."""

from __future__ import annotations

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.core.statements import CapturedStatement, RestRequest
from harness.core.usage import Usage
from harness.stages.contract import contract_stage
from harness.stages.result import StageResult
from tests.statements.catalogs import catalog, constraint, table

CLIENTS = table(
    "clients",
    "id:bigint yclients_id:bigint company_id:integer name phone client_email",
    constraint("primary key", "id", name="clients_pkey"),
    constraint("unique", "yclients_id", "company_id", name="clients_yclients_id_company_id_key"),
)
STAFF = table("staff", "id:bigint company_id:integer name is_active:boolean")
SOURCE = catalog(CLIENTS, STAFF)


def on_target(sql: str, origin: str = "method") -> CapturedStatement:
    return CapturedStatement(side=Side.TARGET, origin=origin, sql=sql)


def rest(verb: str, path: str, query: str = "", prefer: str = "", origin: str = "method") -> CapturedStatement:
    request = RestRequest(verb=verb, path=f"/rest/v1/{path}", query=query, prefer=prefer)
    return CapturedStatement(side=Side.SOURCE, origin=origin, request=request)


def check(
    *statements: CapturedStatement | str,
    target: Catalog = SOURCE,
    source: Catalog = SOURCE,
    configuration: Configuration | None = None,
) -> StageResult[tuple[Usage, ...]]:
    captured = [on_target(each) if isinstance(each, str) else each for each in statements]
    return contract_stage(source, target, captured, configuration or Configuration())


def codes(*statements: CapturedStatement | str, **given: object) -> list[tuple[str, str]]:
    return [(each.code, each.object.identity) for each in check(*statements, **given).findings]  # type: ignore[arg-type]


def configured(**sections: object) -> Configuration:
    return Configuration.model_validate(sections)
