"""The data layers of the recorded failures: the old one over REST, the new one over SQL, mended and as it was."""

from __future__ import annotations

from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from harness.datalayer.envelope import Envelope
from harness.datalayer.supabase.client import supabase_client
from harness.reference.cases import cases
from harness.reference.context import LayerContext
from harness.reference.first_version import FirstVersion
from harness.reference.repository_layer import RepositoryLayer, connected
from harness.reference.salon_layer import SalonLayer
from harness.reference.supabase_layer import SupabaseLayer

Row = dict[str, Any]

METHODS = (
    "search_clients_by_name",
    "latest_visitors",
    "get_client_by_phone",
    "client_with_phone",
    "get_client_appointments",
    "health_check",
    "get_client_by_id",
    "get_staff_by_id",
    "get_service_by_id",
)
_LATEST = {
    nulls: sql.SQL(
        "SELECT id, name, phone, last_visit_date::text FROM clients WHERE company_id = %s"
        " ORDER BY last_visit_date DESC NULLS {}, id LIMIT %s"
    ).format(sql.SQL(nulls))
    for nulls in ("FIRST", "LAST")
}
_WITH_PHONE = "SELECT id, name, phone, last_visit_date::text FROM clients WHERE phone = %s"


class NotOne(Exception):
    """No row, or several, where one was asked for: under the code that REST has for it."""

    code = "PGRST116"


class Old(SupabaseLayer):
    """The application's methods, and two whose requests its services sent by themselves."""

    def __init__(self, context: LayerContext) -> None:
        self._project = supabase_client(context.rest_url, context.api_key)
        super().__init__(self._project)

    def latest_visitors(self, company_id: int, limit: int = 10) -> list[Row]:
        """Clients by their last visit."""
        asked = self._project.table("clients").select("id, name, phone, last_visit_date").eq("company_id", company_id)
        found = asked.order("last_visit_date", desc=True).order("id").limit(limit).execute()
        return cast("list[Row]", found.data)

    def client_with_phone(self, phone: str) -> Row:
        """The only client with the phone."""
        asked = self._project.table("clients").select("id, name, phone, last_visit_date").eq("phone", phone)
        return cast("Row", asked.single().execute().data)


class New(RepositoryLayer):
    """The same over SQL, mended."""

    def __init__(self, context: LayerContext) -> None:
        super().__init__(connected(context))
        self._connection = psycopg.connect(context.dsn, autocommit=True, row_factory=dict_row)

    def latest_visitors(self, company_id: int, limit: int = 10) -> list[Row]:
        """Clients by their last visit."""
        return self._connection.execute(_LATEST["FIRST"], (company_id, limit)).fetchall()

    def client_with_phone(self, phone: str) -> Row:
        """The only client with the phone."""
        found = self._connection.execute(_WITH_PHONE, (phone,)).fetchall()
        if len(found) != 1:
            raise NotOne
        return found[0]

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
        super().close()


class AsItWas(FirstVersion, New):
    """The same as it was first written: what the first version got wrong, and how it answered."""

    def __init__(self, context: LayerContext) -> None:
        New.__init__(self, context)

    def latest_visitors(self, company_id: int, limit: int = 10) -> list[Row]:
        """Fault: NULLS LAST, where REST puts NULLs first."""
        return self._connection.execute(_LATEST["LAST"], (company_id, limit)).fetchall()

    def client_with_phone(self, phone: str) -> Row:
        """Fault: `.single()` became LIMIT 1, of any company."""
        found = self._connection.execute(f"{_WITH_PHONE} LIMIT 1", (phone,)).fetchone()
        if found is None:
            raise NotOne
        return found

    def health_check(self, company_id: int) -> Envelope:
        """Fault: counts as a driver gives bigint, as text."""
        answer = super().health_check(company_id)
        if answer["data"] is not None:
            counts = answer["data"]["rows"]
            answer["data"]["rows"] = {table: str(number) for table, number in counts.items()}
        return answer

    def get_client_by_id(self, yclients_id: int, company_id: int) -> Envelope:
        """No fault of kind: the exception goes past the envelope as it is."""
        return _bare(super().get_client_by_id, self, yclients_id, company_id)

    def get_staff_by_id(self, staff_id: int, company_id: int) -> Envelope:
        """Fault: the exception that goes past the envelope is of another kind."""
        try:
            return _bare(super().get_staff_by_id, self, staff_id, company_id)
        except Exception:  # noqa: BLE001 - as it was written
            raise RuntimeError("repository failed") from None

    def get_service_by_id(self, service_id: int, company_id: int) -> Envelope:
        """Fault: a row that is not there ends in an exception."""
        answer = _bare(super().get_service_by_id, self, service_id, company_id)
        answer["data"] = dict(answer["data"])
        return answer


def _bare(method: Any, *arguments: object) -> Envelope:
    """What the method answers without its envelope, put into one."""
    return {"success": True, "data": method.__wrapped__(*arguments), "error": None}


def written_cases() -> list[dict[str, Any]]:
    """The application's own cases of what the first version got wrong."""
    wrong = vars(FirstVersion)
    return [case for case in cases() if case["method"] in wrong]


class Shown:
    """A layer that shows the methods which the failures are about, and no others."""

    def __init__(self, layer: SalonLayer) -> None:
        for name in METHODS:
            setattr(self, name, getattr(layer, name))
        self.close = layer.close


_remembered: list[LayerContext] = []


def old(context: LayerContext) -> Shown:
    """The old layer; what it was built from stays known to the process, as settings of an environment do."""
    _remembered[:] = [context]
    return Shown(Old(context))


def new(context: LayerContext) -> Shown:
    """The new layer, mended."""
    return Shown(New(context))


def as_it_was(context: LayerContext) -> Shown:
    """The new layer as it was first written."""
    return Shown(AsItWas(context))


def switched(context: LayerContext) -> Shown:
    """Fault: the switch that takes the old layer where the new one cannot be made, and says nothing."""
    try:
        return new(_Misconfigured(context))
    except Exception:  # noqa: BLE001 - as it was written
        return Shown(Old(_remembered[0]))


class _Misconfigured:
    """A context with the name of a database that nobody made."""

    def __init__(self, context: LayerContext) -> None:
        self.dsn = psycopg.conninfo.make_conninfo(context.dsn, dbname="no_such_database", connect_timeout=2)
        self.rest_url, self.api_key = context.rest_url, context.api_key
