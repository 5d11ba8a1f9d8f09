"""The chat-session store: the auth state and the keys of each company's chat session, their health and clean-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from harness.datalayer.envelope import CallFailed, answered
from harness.datalayer.postgres.database import Database, PooledDatabase
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.rows import Row
from harness.datalayer.validation import FLAG, checked, checked_model
from harness.reference import session_inputs, session_statements
from harness.reference.query_inputs import company
from harness.reference.session_cleanup import clean_up
from harness.reference.session_health import facts_of, health_document
from harness.reference.session_inputs import AuthState
from harness.reference.session_values import decoded

KEYS_WRITTEN_AT_ONCE: Final = 100

_ATTEMPTS: Final = 3
"""Of a write that PostgreSQL rolled back because of another one at the same time."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def session_of(company_id: int) -> str:
    """The session of a company, by the name that its row in companies has as well."""
    return f"company_{company_id}"


class SessionStore:
    """Every method answers with the envelope `{success, data, error}` and raises nothing.

    Values may hold bytes at any depth: `session_values`. The store does not own the database and does not close it.
    """

    def __init__(self, database: PooledDatabase, *, clock: Callable[[], datetime] = _utc_now) -> None:
        """`clock` gives what counts as now, with its time zone: for times to live, expiry and health."""
        self._database = database
        self._clock = clock

    # Auth state

    @answered
    def get_auth_state(self, company_id: int) -> object:
        """`{creds, phone, status, last_connected_at, updated_at}`; None where the company has no session."""
        wanted = company(company_id)
        rows = self._database.rows(session_statements.auth_state(session_of(wanted), wanted))
        return _auth_state(rows[0]) if rows else None

    @answered
    def set_auth_state(self, company_id: int, state: Row) -> object:
        """Write an auth state (`session_inputs.AuthState`) and return it as get_auth_state does."""
        wanted, given = company(company_id), checked_model(AuthState, "state", state)
        statement = session_statements.write_auth_state(
            session_of(wanted),
            wanted,
            session_inputs.creds(given.creds),
            phone=given.phone,
            status=given.status,
            last_connected_at=given.last_connected_at,
            now=self._now(),
        )
        rows = self._database.rows(statement)
        if not rows:
            raise CallFailed("conflict", "session_of_another_company", "The session belongs to another company.")
        return _auth_state(rows[0])

    @answered
    def remove_auth_state(self, company_id: int) -> object:
        """Delete the auth state and with it every key of the session: `{auth_states, keys}`, how many of each."""
        wanted = company(company_id)
        return self._written([session_statements.remove_auth_state(session_of(wanted), wanted)])[0]

    # Keys

    @answered
    def get_keys(self, company_id: int, key_type: str, ids: list[str]) -> object:
        """`{key_id: value}` of at most 1,000 keys; those that do not exist or are expired are left out."""
        session, kind, wanted = _asked(company_id, key_type, ids)
        if not wanted:
            return {}
        rows = self._database.rows(session_statements.living_keys(session, kind, wanted, self._now()))
        return {row["key_id"]: decoded(row["value"]) for row in rows}

    @answered
    def set_keys(self, company_id: int, keys: dict[str, dict[str, Any]]) -> object:
        """Write `{key_type: {key_id: value}}`, all or none, at most 5,000; returns how many.

        Each key lives from now on as long as its type says: `session_inputs.time_to_live`. The session has to have an
        auth state; without one the foreign key refuses (constraint).
        """
        session, now = session_of(company(company_id)), self._now()
        rows = session_inputs.key_rows(keys, now)
        starts = range(0, len(rows), KEYS_WRITTEN_AT_ONCE)
        batches = [session_statements.write_keys(session, rows[at : at + KEYS_WRITTEN_AT_ONCE], now) for at in starts]
        return sum(row["count"] for row in self._written(batches))

    @answered
    def remove_keys(self, company_id: int, key_type: str, ids: list[str]) -> object:
        """Delete at most 1,000 keys, expired or not; returns how many there were."""
        session, kind, wanted = _asked(company_id, key_type, ids)
        if not wanted:
            return 0
        return self._written([session_statements.remove_keys(session, kind, wanted)])[0]["count"]

    # Health and clean-up

    @answered
    def health(self, company_id: int) -> object:
        """The health of a company's sessions, whatever they are called; `session_health` says how it is judged.

        `session_health.status_code` of the answer is what an endpoint answers with.
        """
        wanted = company(company_id)
        return health_document(wanted, facts_of(self._database.rows(session_statements.health(wanted, self._now()))[0]))

    @answered
    def companies(self) -> object:
        """The ids of the companies that have a session, ascending."""
        return [row["company_id"] for row in self._database.rows(session_statements.companies())]

    @answered
    def clean_up(self, company_id: int | None = None, *, dry_run: bool = True) -> object:
        """Delete the expired keys of a company, or of all, where `dry_run` is False; `session_cleanup.CleanUp`."""
        wanted = None if company_id is None else company(company_id)
        only_counted = checked(FLAG, "dry_run", dry_run)
        return clean_up(self._database, wanted, self._now(), dry_run=only_counted).document()

    def _written(self, statements: Sequence[Statement]) -> list[Row]:
        """Run statements that give one row each in one transaction."""

        def work(database: Database) -> list[Row]:
            return [row for statement in statements for row in database.rows(statement)]

        return self._database.with_transaction(work, attempts=_ATTEMPTS) if statements else []

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)


def _asked(company_id: object, key_type: object, ids: object) -> tuple[str, str, list[str]]:
    """Which keys are meant: the session, the type, the ids."""
    return session_of(company(company_id)), session_inputs.key_type(key_type), session_inputs.key_ids(ids)


def _auth_state(row: Row) -> Row:
    return {**row, "creds": decoded(row["creds"])}
