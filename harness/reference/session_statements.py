"""The statements of the chat-session store; all of them are static, their values are parameters.

A key is expired from the moment `expires_at` on; one whose `expires_at` is NULL never is. The moment that counts as
now is a parameter too, so that one call sees one time. Each statement gives rows, also those that write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import sql

from harness.datalayer.parameters import as_json
from harness.datalayer.postgres.statements import Statement

AUTH: Final = "whatsapp_auth"
KEYS: Final = "whatsapp_keys"

_AUTH_STATE: Final = sql.SQL("""
SELECT creds, phone, status, last_connected_at, updated_at
FROM whatsapp_auth
WHERE session_id = %s AND company_id = %s
""")
_WRITE_AUTH_STATE: Final = sql.SQL("""
INSERT INTO whatsapp_auth AS auth
    (session_id, company_id, creds, phone, status, last_connected_at, created_at, updated_at)
SELECT session_id, company_id, creds, phone, coalesce(status, 'active'), last_connected_at, now, now
FROM (
    VALUES (%s::text, %s::integer, %s::jsonb, %s::text, %s::text, %s::timestamptz, %s::timestamptz)
) AS given (session_id, company_id, creds, phone, status, last_connected_at, now)
ON CONFLICT (session_id) DO UPDATE SET
    creds = EXCLUDED.creds,
    phone = coalesce(EXCLUDED.phone, auth.phone),
    status = coalesce(%s::text, auth.status),
    last_connected_at = coalesce(EXCLUDED.last_connected_at, auth.last_connected_at),
    updated_at = EXCLUDED.updated_at
WHERE auth.company_id = EXCLUDED.company_id
RETURNING creds, phone, status, last_connected_at, updated_at
""")
_REMOVE_AUTH_STATE: Final = sql.SQL("""
WITH own AS MATERIALIZED (
    SELECT session_id FROM whatsapp_auth WHERE session_id = %s AND company_id = %s FOR UPDATE
),
keys AS (
    DELETE FROM whatsapp_keys WHERE session_id IN (SELECT session_id FROM own) RETURNING id
),
auth AS (
    DELETE FROM whatsapp_auth WHERE session_id IN (SELECT session_id FROM own) RETURNING id
)
SELECT (SELECT count(*) FROM auth) AS auth_states, (SELECT count(*) FROM keys) AS keys
""")
_LIVING_KEYS: Final = sql.SQL("""
SELECT key_id, value
FROM whatsapp_keys
WHERE session_id = %s AND key_type = %s AND key_id = ANY (%s::text[])
    AND (expires_at IS NULL OR expires_at > %s::timestamptz)
ORDER BY key_id
""")
_WRITE_KEYS: Final = sql.SQL("""
WITH written AS (
    INSERT INTO whatsapp_keys (session_id, key_type, key_id, value, expires_at, created_at, updated_at)
    SELECT session_id, key_type, key_id, value, expires_at, now, now
    FROM json_to_recordset(%s::json) AS given (key_type text, key_id text, value jsonb, expires_at timestamptz)
    CROSS JOIN (VALUES (%s::text, %s::timestamptz)) AS call (session_id, now)
    ORDER BY key_type, key_id
    ON CONFLICT (session_id, key_type, key_id) DO UPDATE SET
        value = EXCLUDED.value,
        expires_at = EXCLUDED.expires_at,
        updated_at = EXCLUDED.updated_at
    RETURNING id
)
SELECT count(*) AS count FROM written
""")
_REMOVE_KEYS: Final = sql.SQL("""
WITH removed AS (
    DELETE FROM whatsapp_keys WHERE session_id = %s AND key_type = %s AND key_id = ANY (%s::text[]) RETURNING id
)
SELECT count(*) AS count FROM removed
""")
_HEALTH: Final = sql.SQL("""
SELECT
    (SELECT count(*) FROM whatsapp_auth WHERE company_id = call.company_id) AS auth_states,
    count(key.id) AS keys,
    count(key.id) FILTER (WHERE key.expires_at <= call.now) AS expired_keys,
    count(key.id) FILTER (
        WHERE key.key_type = 'session' AND (key.expires_at IS NULL OR key.expires_at > call.now)
    ) AS session_keys,
    extract(epoch FROM call.now - max(key.updated_at))::float8 AS seconds_since_update
FROM (VALUES (%s::integer, %s::timestamptz)) AS call (company_id, now)
LEFT JOIN whatsapp_auth AS auth ON auth.company_id = call.company_id
LEFT JOIN whatsapp_keys AS key ON key.session_id = auth.session_id
GROUP BY call.company_id, call.now
""")
_COMPANIES: Final = sql.SQL("SELECT DISTINCT company_id FROM whatsapp_auth ORDER BY company_id")
_KEYS_BY_TYPE: Final = sql.SQL("""
SELECT key_type, count(*) AS keys, count(*) FILTER (WHERE expires_at <= call.now) AS expired
FROM whatsapp_keys
CROSS JOIN (VALUES (%s::timestamptz, %s::integer)) AS call (now, company_id)
WHERE call.company_id IS NULL
    OR session_id IN (SELECT session_id FROM whatsapp_auth AS auth WHERE auth.company_id = call.company_id)
GROUP BY key_type
ORDER BY key_type
""")
_DELETE_EXPIRED: Final = sql.SQL("""
WITH expired AS MATERIALIZED (
    SELECT id
    FROM whatsapp_keys
    WHERE expires_at <= %s::timestamptz
        AND (%s::integer IS NULL OR session_id IN (SELECT session_id FROM whatsapp_auth WHERE company_id = %s))
    ORDER BY expires_at
    LIMIT %s
    FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM whatsapp_keys USING expired WHERE whatsapp_keys.id = expired.id RETURNING key_type
)
SELECT key_type, count(*) AS count FROM deleted GROUP BY key_type ORDER BY key_type
""")


def auth_state(session_id: str, company_id: int) -> Statement:
    """The auth state of a session."""
    return Statement(_AUTH_STATE, (session_id, company_id), "select", AUTH)


def write_auth_state(
    session_id: str,
    company_id: int,
    creds: dict[str, Any],
    *,
    phone: str | None,
    status: str | None,
    last_connected_at: str | None,
    now: datetime,
) -> Statement:
    """Insert or update an auth state; no row where the session is another company's."""
    parameters = (session_id, company_id, as_json(creds), phone, status, last_connected_at, now, status)
    return Statement(_WRITE_AUTH_STATE, parameters, "upsert", AUTH)


def remove_auth_state(session_id: str, company_id: int) -> Statement:
    """Delete an auth state and the keys of its session; one row, with how many of each."""
    return Statement(_REMOVE_AUTH_STATE, (session_id, company_id), "delete", AUTH)


def living_keys(session_id: str, key_type: str, ids: Sequence[str], now: datetime) -> Statement:
    """Keys that are not expired."""
    return Statement(_LIVING_KEYS, (session_id, key_type, list(ids), now), "select", KEYS)


def write_keys(session_id: str, rows: Sequence[dict[str, Any]], now: datetime) -> Statement:
    """Insert or update keys, as one JSON document; one row, with how many."""
    return Statement(_WRITE_KEYS, (as_json(list(rows)), session_id, now), "upsert", KEYS)


def remove_keys(session_id: str, key_type: str, ids: Sequence[str]) -> Statement:
    """Delete keys, expired or not; one row, with how many."""
    return Statement(_REMOVE_KEYS, (session_id, key_type, list(ids)), "delete", KEYS)


def health(company_id: int, now: datetime) -> Statement:
    """One row: what the health of a company's sessions follows from."""
    return Statement(_HEALTH, (company_id, now), "select", KEYS)


def companies() -> Statement:
    """The companies that have a session."""
    return Statement(_COMPANIES, (), "select", AUTH)


def keys_by_type(company_id: int | None, now: datetime) -> Statement:
    """Keys and expired keys of each type, of one company or of all."""
    return Statement(_KEYS_BY_TYPE, (now, company_id), "count", KEYS)


def delete_expired(company_id: int | None, now: datetime, most: int) -> Statement:
    """Delete so many expired keys at most; how many of each type.

    A key that somebody is writing is left out, and not waited for.
    https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE
    """
    return Statement(_DELETE_EXPIRED, (now, company_id, company_id, most), "delete", KEYS)
