"""What the tests of authentication share: a salon with a till that only service_role may open."""

from __future__ import annotations

import httpx

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.bookings (id int PRIMARY KEY, title text);
INSERT INTO api.bookings VALUES (1, 'cut');
CREATE TABLE api.tills (id int PRIMARY KEY);
CREATE FUNCTION api.whoami() RETURNS text STABLE LANGUAGE sql AS 'SELECT current_user::text';
CREATE FUNCTION api.claims() RETURNS json STABLE LANGUAGE sql
    AS $$ SELECT current_setting('request.jwt.claims')::json $$;
CREATE FUNCTION api.open_till() RETURNS int LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION api.open_till() FROM PUBLIC;
CREATE FUNCTION public.check_user() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    who text := current_setting('request.jwt.claims', true)::json ->> 'sub';
BEGIN
    IF who = 'banned' THEN
        RAISE EXCEPTION 'Not in this salon' USING HINT = 'Ask at the desk';
    ELSIF who = 'promoted' THEN
        EXECUTE 'SET LOCAL ROLE service_role';
    END IF;
END $$;
GRANT USAGE ON SCHEMA api TO anon, authenticated, service_role;
GRANT SELECT ON api.bookings TO anon, authenticated, service_role;
GRANT SELECT ON api.tills TO service_role;
GRANT EXECUTE ON FUNCTION api.open_till() TO service_role;
"""


def ask(url: str, token: str | None, path: str = "/rpc/whoami") -> httpx.Response:
    """GET with a token, or without one."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{url}{path}", headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str, str, object]:
    """Status, code, message and details of an error answer."""
    body = answer.json()
    return answer.status_code, body["code"], body["message"], body["details"]
