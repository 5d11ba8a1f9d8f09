"""Statements as data layers write them, for the reference schemas, and the faults of a first version."""

from __future__ import annotations

from pathlib import Path

from harness.core.sql.text import statements

_HERE = Path(__file__).parent


def _of(name: str) -> tuple[str, ...]:
    return tuple(sql for _, sql in statements((_HERE / f"{name}.sql").read_text(encoding="utf-8")))


READS = _of("reads")
WRITES = _of("writes")
ABOUT_THE_SESSION = _of("session")

FAULTS = {
    (
        "INSERT INTO clients (yclients_id, company_id, name) VALUES ($1, $2, $3)"
        " ON CONFLICT (yclients_id) DO UPDATE SET name = EXCLUDED.name"
    ): ("CTR005", "public.clients (yclients_id)"),
    ("INSERT INTO clients (phone, company_id, name) VALUES ($1, $2, $3) ON CONFLICT (phone, company_id) DO NOTHING"): (
        "CTR005",
        "public.clients (phone, company_id)",
    ),
    "SELECT * FROM staff WHERE company_id = $1 AND active = $2": ("CTR003", "public.staff.active"),
    "SELECT * FROM staff WHERE company_id = $1 AND fired = $2": ("CTR003", "public.staff.fired"),
    "SELECT * FROM bookings WHERE client_id = $1": ("CTR003", "public.bookings.client_id"),
    "INSERT INTO bookings (yclients_id, company_id, datetime) VALUES ($1, $2, $3)": (
        "CTR003",
        "public.bookings.yclients_id",
    ),
}
"""What was wrong with the first version of a data layer, and what the check has to say of it"""
