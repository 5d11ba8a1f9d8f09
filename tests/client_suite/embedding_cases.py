"""Embedded resources, and the filters, orders and pages that the client sends for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.client_suite.case import Builder, Case, Client, gives, refuses


def _rows(name: str, ask: Callable[[Client], Builder], data: Any) -> Case:
    return gives(f"embed: {name}", ask, data)


CASES = (
    _rows(
        "many to one",
        lambda c: c.table("clients").select("id,companies(title)").eq("id", 1),
        [{"id": 1, "companies": {"title": "Салон"}}],
    ),
    _rows(
        "many to one without a row",
        lambda c: c.table("bookings").select("id,clients(name)").eq("id", 4),
        [{"id": 4, "clients": None}],
    ),
    _rows(
        "one to many",
        lambda c: (
            c.table("companies").select("title,clients(id)").order("company_id").order("id", foreign_table="clients")
        ),
        [{"title": "Салон", "clients": [{"id": 1}, {"id": 2}]}, {"title": "Второй", "clients": [{"id": 3}, {"id": 4}]}],
    ),
    _rows(
        "one to one",
        lambda c: c.table("staff").select("name,passports(number)").eq("staff_id", 1),
        [{"name": "Вера", "passports": {"number": "A-1"}}],
    ),
    _rows(
        "many to many",
        lambda c: (
            c.table("staff").select("name,skills(title)").order("staff_id").order("title", foreign_table="skills")
        ),
        [
            {"name": "Вера", "skills": [{"title": "colour"}, {"title": "cut"}]},
            {"name": "Глеб", "skills": [{"title": "cut"}]},
            {"name": "Дина", "skills": []},
        ],
    ),
    _rows(
        "a table to itself, both ways",
        lambda c: (
            c.table("staff").select("name,mentor:mentor_id(name),students:staff!mentor_id(name)").eq("staff_id", 2)
        ),
        [{"name": "Глеб", "mentor": {"name": "Вера"}, "students": []}],
    ),
    _rows(
        "nested",
        lambda c: c.table("bookings").select("title,client:clients(name,company:companies(title))").eq("id", 3),
        [{"title": "окраска", "client": {"name": "Борис", "company": {"title": "Салон"}}}],
    ),
    _rows(
        "inner",
        lambda c: c.table("companies").select("title,clients!inner(id)").eq("clients.name", "Борис"),
        [{"title": "Салон", "clients": [{"id": 2}]}],
    ),
    _rows(
        "a filter on an embedded table",
        lambda c: c.table("companies").select("company_id,clients(id)").eq("clients.id", 3).order("company_id"),
        [{"company_id": 900100, "clients": []}, {"company_id": 900200, "clients": [{"id": 3}]}],
    ),
    _rows(
        "or_ on an embedded table",
        lambda c: (
            c.table("companies")
            .select("company_id,clients(id)")
            .or_("id.eq.2,id.eq.4", reference_table="clients")
            .order("company_id")
        ),
        [{"company_id": 900100, "clients": [{"id": 2}]}, {"company_id": 900200, "clients": [{"id": 4}]}],
    ),
    _rows(
        "not_ or_ on an embedded table",
        lambda c: (
            c.table("companies")
            .select("company_id,clients(id)")
            .not_.or_("id.eq.2,id.eq.4", reference_table="clients")
            .order("company_id")
        ),
        [{"company_id": 900100, "clients": [{"id": 1}]}, {"company_id": 900200, "clients": [{"id": 3}]}],
    ),
    _rows(
        "order, descending with nulls, of an embedded table",
        lambda c: (
            c.table("companies")
            .select("clients(id)")
            .eq("company_id", 900100)
            .order("visited_on", desc=True, nullsfirst=False, foreign_table="clients")
        ),
        [{"clients": [{"id": 1}, {"id": 2}]}],
    ),
    _rows(
        "limit of an embedded table",
        lambda c: (
            c.table("companies")
            .select("company_id,clients(id)")
            .order("company_id")
            .order("id", desc=True, foreign_table="clients")
            .limit(1, foreign_table="clients")
        ),
        [{"company_id": 900100, "clients": [{"id": 2}]}, {"company_id": 900200, "clients": [{"id": 4}]}],
    ),
    _rows(
        "range of an embedded table",
        lambda c: (
            c.table("companies")
            .select("clients(id)")
            .eq("company_id", 900100)
            .order("id", foreign_table="clients")
            .range(1, 5, foreign_table="clients")
        ),
        [{"clients": [{"id": 2}]}],
    ),
    _rows(
        "order by a column of a to-one table",
        lambda c: c.table("bookings").select("id,clients!inner()").order("clients(name)", desc=True).order("id"),
        [{"id": 3}, {"id": 1}, {"id": 2}],
    ),
    _rows(
        "a to-one table spread into its row",
        lambda c: c.table("bookings").select("id,...clients(client:name)").eq("id", 1),
        [{"id": 1, "client": "Анна"}],
    ),
    _rows(
        "rows without an embedded one",
        lambda c: c.table("staff").select("name,passports()").is_("passports", "null").order("name"),
        [{"name": "Глеб"}, {"name": "Дина"}],
    ),
    refuses("embed: no relationship", lambda c: c.table("clients").select("id,skills(title)"), "PGRST200"),
    refuses(
        "embed: order by what is not embedded",
        lambda c: c.table("bookings").select("id").order("clients(name)"),
        "PGRST108",
    ),
    refuses(
        "embed: a filter on what is not embedded",
        lambda c: c.table("clients").select("id").eq("companies.title", "x"),
        "PGRST108",
    ),
)
