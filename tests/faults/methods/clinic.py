"""A clinic whose source is the async supabase client: one record as the argument, an envelope; uuid keys and times."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE doctors (id uuid PRIMARY KEY, name text NOT NULL, speciality text, room smallint,
    active boolean DEFAULT true);
CREATE TABLE patients (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), clinic int NOT NULL, code text NOT NULL, name text NOT NULL,
    phone text, allergies text[] NOT NULL DEFAULT '{}', profile jsonb NOT NULL DEFAULT '{}', born date,
    version int NOT NULL DEFAULT 1, updated_at timestamptz NOT NULL DEFAULT now(), UNIQUE (clinic, code));
CREATE TABLE hours (
    doctor_id uuid NOT NULL REFERENCES doctors, day date NOT NULL, clinic int NOT NULL, opens time, closes time,
    comment text, PRIMARY KEY (doctor_id, day, clinic), CHECK (closes IS NULL OR closes > opens));
CREATE TABLE stays (
    id bigserial PRIMARY KEY, patient_id uuid NOT NULL REFERENCES patients ON DELETE CASCADE, clinic int NOT NULL,
    doctor_id uuid REFERENCES doctors, arrived timestamp NOT NULL, gone timestamp, bill numeric(10,2), ward text,
    days int GENERATED ALWAYS AS (CASE WHEN gone IS NULL THEN NULL ELSE gone::date - arrived::date END) STORED);
CREATE TABLE changes (id bigserial PRIMARY KEY, what text NOT NULL, patient uuid, made_at timestamptz DEFAULT now());
CREATE FUNCTION patient_changed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    NEW.version := OLD.version + 1;
    INSERT INTO public.changes (what, patient) VALUES ('changed', NEW.id);
    RETURN NEW;
  END $$;
CREATE TRIGGER patient_changed BEFORE UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION patient_changed();
CREATE VIEW present AS
  SELECT s.id, s.clinic, s.ward, p.code, p.name, s.arrived FROM stays s JOIN patients p ON p.id = s.patient_id
  WHERE s.gone IS NULL;
CREATE FUNCTION ward_load(wanted int, minimum int DEFAULT 0) RETURNS TABLE (ward text, patients bigint, bills numeric)
  LANGUAGE sql STABLE AS $$
    SELECT s.ward, count(*), sum(s.bill) FROM public.stays s WHERE s.clinic = wanted
    GROUP BY s.ward HAVING count(*) >= minimum ORDER BY s.ward NULLS FIRST $$;
INSERT INTO doctors SELECT md5('d' || n)::uuid, 'Врач ' || n, (ARRAY['eyes', 'Eyes', 'heart', NULL])[1 + n % 4],
  CASE WHEN n % 3 > 0 THEN 100 + n END, n % 4 > 0 FROM generate_series(1, 12) n;
INSERT INTO patients (id, clinic, code, name, phone, allergies, profile, born, updated_at)
  SELECT md5('p' || n)::uuid, CASE WHEN n % 3 > 0 THEN 900100 ELSE 900200 END, 'P' || n / 3,
         (ARRAY['Ольга', 'ольга', 'Max', 'Zoë', 'д''Арк, Ж.'])[1 + n % 5] || ' ' || n % 7,
         CASE WHEN n % 4 > 0 THEN '8000555' || lpad((n % 40)::text, 4, '0') END,
         CASE WHEN n % 2 = 0 THEN ARRAY['nuts', 'milk'] ELSE '{}' END,
         CASE WHEN n % 3 = 0 THEN jsonb_build_object('height', 150 + n, 'notes', jsonb_build_array('a', n))
              ELSE '{}' END,
         CASE WHEN n % 6 > 0 THEN date '1960-02-29' + n * 111 END, timestamptz '2026-01-05 10:00+00'
  FROM generate_series(1, 100) n WHERE n % 3 < 2;
INSERT INTO hours SELECT md5('d' || 1 + n % 10)::uuid, date '2026-03-01' + n / 10, 900100 + 100 * (n % 2),
  CASE WHEN n % 6 > 0 THEN time '08:00' + n % 4 * interval '30 min' END,
  CASE WHEN n % 6 > 0 THEN time '16:00' + n % 3 * interval '45 min' END, CASE WHEN n % 5 = 0 THEN 'day ' || n END
  FROM generate_series(0, 139) n;
INSERT INTO stays (patient_id, clinic, doctor_id, arrived, gone, bill, ward)
  SELECT p.id, p.clinic, CASE WHEN n % 4 > 0 THEN md5('d' || 1 + n % 12)::uuid END,
         timestamp '2026-02-01 23:00' + n * interval '5h', CASE WHEN n % 3 > 0 THEN timestamp '2026-02-04 01:00'
         + n * interval '5h' END, CASE WHEN n % 5 > 0 THEN n * 10.05 END, (ARRAY['A', 'B', 'a', NULL])[1 + n % 4]
  FROM generate_series(1, 150) n JOIN (SELECT *, row_number() OVER (ORDER BY code, clinic) AS r FROM patients) p
    ON p.r = 1 + n * 7 % 60;
GRANT USAGE ON SCHEMA public TO service_role;
GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO service_role;
"""

SOURCE = """
from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, NotRequired, TypedDict

import httpx
from postgrest.exceptions import APIError
from supabase import AsyncClientOptions, acreate_client


class HoursQuery(TypedDict):
    clinic: int
    doctor: NotRequired[str | None]
    date_from: NotRequired[str | None]
    date_to: NotRequired[str | None]


class Stay(TypedDict):
    patient_id: str
    clinic: int
    arrived: str
    ward: NotRequired[str | None]
    bill: NotRequired[float | None]


def done(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None}


def failed(kind: str, code: str | None = None) -> dict[str, Any]:
    return {"success": False, "data": None, "error": {"kind": kind, "code": code}}


class Clinic:
    def __init__(self, client, http):
        self._client = client
        self._http = http

    async def _run(self, query) -> Any:
        try:
            return done((await query.execute()).data)
        except APIError as error:
            return failed("database", error.code)

    async def patient(self, clinic: int, code: str) -> dict[str, Any]:
        found = await self._run(self._client.table("patients").select(
            "id,code,name,phone,allergies,profile,born,version").eq("clinic", clinic).eq("code", code))
        return done(found["data"][0] if found["data"] else None) if found["success"] else found

    async def by_phone(self, phone: str, clinic: int) -> dict[str, Any]:
        if not phone.strip():
            return failed("invalid_input")
        return await self._run(self._client.table("patients").select("code,name").eq("phone", phone.strip())
                               .eq("clinic", clinic).order("code"))

    async def named(self, clinic: int, words: str, limit: int = 15) -> dict[str, Any]:
        if limit < 1:
            return failed("invalid_input")
        return await self._run(self._client.table("patients").select("code,name").eq("clinic", clinic)
                               .like("name", words.replace("*", "") + "%").order("name").order("code").limit(limit))

    async def hours(self, query: HoursQuery) -> dict[str, Any]:
        asked = self._client.table("hours").select("doctor_id,day,opens,closes").eq("clinic", query["clinic"])
        if query.get("doctor"):
            asked = asked.eq("doctor_id", query["doctor"])
        if query.get("date_from"):
            asked = asked.gte("day", query["date_from"])
        if query.get("date_to"):
            asked = asked.lte("day", query["date_to"])
        return await self._run(asked.order("day").order("doctor_id"))

    async def present(self, clinic: int, ward: str | None = None) -> dict[str, Any]:
        asked = self._client.table("present").select("id,ward,code,name").eq("clinic", clinic)
        asked = asked.is_("ward", "null") if ward is None else asked.eq("ward", ward)
        return await self._run(asked.order("id"))

    async def ward_load(self, clinic: int, at_least: int = 1) -> dict[str, Any]:
        return await self._run(self._client.rpc("ward_load", {"wanted": clinic, "minimum": at_least}))

    async def admit(self, stay: Stay) -> dict[str, Any]:
        row = {name: stay.get(name) for name in ("patient_id", "clinic", "arrived", "ward", "bill")}
        return await self._run(self._client.table("stays").insert(row))

    async def save_patient(self, patient: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(patient.get("clinic"), int) or not patient.get("code") or not patient.get("name"):
            return failed("invalid_input")
        row = {name: patient.get(name) for name in ("clinic", "code", "name", "phone", "born")}
        row["updated_at"] = dt.datetime.now(dt.timezone.utc).isoformat()
        return await self._run(self._client.table("patients").upsert(row, on_conflict="clinic,code"))

    async def allergy(self, clinic: int, code: str, allergies: list[str]) -> dict[str, Any]:
        return await self._run(self._client.table("patients").update({"allergies": allergies})
                               .eq("clinic", clinic).eq("code", code))

    async def leave(self, stay: int, clinic: int, bill: float | None = None) -> dict[str, Any]:
        return await self._run(self._client.table("stays").update({"gone": "2026-12-31T12:00:00", "bill": bill})
                               .eq("id", stay).eq("clinic", clinic).is_("gone", "null"))

    async def forget(self, patients: list[uuid.UUID]) -> dict[str, Any]:
        if not patients:
            return done([])
        return await self._run(self._client.table("patients").delete().in_("id", [str(each) for each in patients]))

    async def aclose(self):
        await self._http.aclose()


async def create(context):
    http = httpx.AsyncClient()
    client = await acreate_client(context.rest_url, context.api_key, options=AsyncClientOptions(
        httpx_client=http, auto_refresh_token=False, persist_session=False))
    return Clinic(client, http)
"""

TARGET = """
from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, NotRequired, TypedDict

import psycopg
from psycopg.rows import dict_row


class HoursQuery(TypedDict):
    clinic: int
    doctor: NotRequired[str | None]
    date_from: NotRequired[str | None]
    date_to: NotRequired[str | None]


class Stay(TypedDict):
    patient_id: str
    clinic: int
    arrived: str
    ward: NotRequired[str | None]
    bill: NotRequired[float | None]


def done(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None}


def failed(kind: str, code: str | None = None) -> dict[str, Any]:
    return {"success": False, "data": None, "error": {"kind": kind, "code": code}}


class Clinic:
    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row, options="-c TimeZone=UTC")

    def _run(self, query: str, **values: Any) -> dict[str, Any]:
        try:
            return done(self._connection.execute(query, values).fetchall())
        except psycopg.Error as error:
            return failed("database", error.sqlstate)

    def patient(self, clinic: int, code: str) -> dict[str, Any]:
        found = self._run("SELECT id, code, name, phone, allergies, profile, born, version FROM patients"
                          " WHERE clinic = %(clinic)s AND code = %(code)s", clinic=clinic, code=code)
        return done(found["data"][0] if found["data"] else None) if found["success"] else found

    def by_phone(self, phone: str, clinic: int) -> dict[str, Any]:
        if not phone.strip():
            return failed("invalid_input")
        return self._run("SELECT code, name FROM patients WHERE phone = %(phone)s AND clinic = %(clinic)s"
                         " ORDER BY code", phone=phone.strip(), clinic=clinic)

    def named(self, clinic: int, words: str, limit: int = 15) -> dict[str, Any]:
        if limit < 1:
            return failed("invalid_input")
        return self._run("SELECT code, name FROM patients WHERE clinic = %(clinic)s AND name LIKE %(start)s"
                         " ORDER BY name, code LIMIT %(limit)s",
                         clinic=clinic, start=words.replace("*", "") + "%", limit=limit)

    def hours(self, query: HoursQuery) -> dict[str, Any]:
        return self._run("SELECT doctor_id, day, opens, closes FROM hours WHERE clinic = %(clinic)s"
                         " AND (%(doctor)s::uuid IS NULL OR doctor_id = %(doctor)s::uuid)"
                         " AND (%(first)s::date IS NULL OR day >= %(first)s::date)"
                         " AND (%(last)s::date IS NULL OR day <= %(last)s::date) ORDER BY day, doctor_id",
                         clinic=query["clinic"], doctor=query.get("doctor") or None,
                         first=query.get("date_from") or None, last=query.get("date_to") or None)

    def present(self, clinic: int, ward: str | None = None) -> dict[str, Any]:
        return self._run("SELECT id, ward, code, name FROM present WHERE clinic = %(clinic)s"
                         " AND ward IS NOT DISTINCT FROM %(ward)s ORDER BY id", clinic=clinic, ward=ward)

    def ward_load(self, clinic: int, at_least: int = 1) -> dict[str, Any]:
        return self._run("SELECT * FROM ward_load(%(clinic)s::int, %(at_least)s::int)",
                         clinic=clinic, at_least=at_least)

    def admit(self, stay: Stay) -> dict[str, Any]:
        return self._run("INSERT INTO stays (patient_id, clinic, arrived, ward, bill) VALUES"
                         " (%(patient_id)s, %(clinic)s, %(arrived)s, %(ward)s, %(bill)s) RETURNING *",
                         **{name: stay.get(name) for name in ("patient_id", "clinic", "arrived", "ward", "bill")})

    def save_patient(self, patient: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(patient.get("clinic"), int) or not patient.get("code") or not patient.get("name"):
            return failed("invalid_input")
        return self._run("INSERT INTO patients (clinic, code, name, phone, born, updated_at) VALUES"
                         " (%(clinic)s, %(code)s, %(name)s, %(phone)s, %(born)s, %(now)s) ON CONFLICT (clinic, code)"
                         " DO UPDATE SET name = excluded.name, phone = excluded.phone, born = excluded.born,"
                         " updated_at = excluded.updated_at RETURNING *",
                         now=dt.datetime.now(dt.timezone.utc),
                         **{name: patient.get(name) for name in ("clinic", "code", "name", "phone", "born")})

    def allergy(self, clinic: int, code: str, allergies: list[str]) -> dict[str, Any]:
        return self._run("UPDATE patients SET allergies = %(allergies)s WHERE clinic = %(clinic)s"
                         " AND code = %(code)s RETURNING *", allergies=allergies, clinic=clinic, code=code)

    def leave(self, stay: int, clinic: int, bill: float | None = None) -> dict[str, Any]:
        return self._run("UPDATE stays SET gone = %(gone)s, bill = %(bill)s WHERE id = %(stay)s"
                         " AND clinic = %(clinic)s AND gone IS NULL RETURNING *",
                         gone=dt.datetime(2026, 12, 31, 12), bill=bill, stay=stay, clinic=clinic)

    def forget(self, patients: list[uuid.UUID]) -> dict[str, Any]:
        if not patients:
            return done([])
        return self._run("DELETE FROM patients WHERE id = ANY(%(patients)s) RETURNING *", patients=patients)

    def close(self) -> None:
        self._connection.close()


def create(context):
    return Clinic(context.dsn)
"""
