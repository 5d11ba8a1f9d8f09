"""Updates and deletes, with every parameter of the client, and what they leave behind."""

from __future__ import annotations

from postgrest.types import CountMethod, ReturnMethod

from tests.client_suite.case import Answer, Case, Refused
from tests.client_suite.insert_cases import CLIENTS, CLIENTS_UNCHANGED, changing, refusing

BOOKINGS = "SELECT id FROM bookings ORDER BY 1"
UPDATES = (
    changing(
        "update changes the chosen rows and returns them",
        lambda c: (
            c.table("clients").update({"discount": 7}).eq("company_id", 900200).select("id", "discount").order("id")
        ),
        Answer([{"id": 3, "discount": 7}, {"id": 4, "discount": 7}]),
        CLIENTS,
        [*CLIENTS_UNCHANGED[:2], (3, "Anna 100%", 7), (4, 'o_\\x "q"', 7)],
    ),
    changing(
        "update of no rows",
        lambda c: c.table("clients").update({"discount": 7}).eq("id", 0),
        Answer([]),
        CLIENTS,
        CLIENTS_UNCHANGED,
    ),
    changing(
        "update whose filter no longer holds afterwards returns the row all the same",
        lambda c: c.table("clients").update({"name": "b"}).or_("name.eq.Анна,name.eq.nobody").select("name"),
        Answer([{"name": "b"}]),
        CLIENTS,
        [(1, "b", 5), *CLIENTS_UNCHANGED[1:]],
    ),
    changing(
        "update with a count, returning nothing",
        lambda c: (
            c.table("clients")
            .update({"discount": 7}, count=CountMethod.exact, returning=ReturnMethod.minimal)
            .lte("id", 2)
        ),
        Answer([], 2),
        CLIENTS,
        [(1, "Анна", 7), (2, "Борис", 7), *CLIENTS_UNCHANGED[2:]],
    ),
    changing(
        "update within max_affected",
        lambda c: c.table("clients").update({"discount": 7}).lte("id", 2).max_affected(2).select("id").order("id"),
        Answer([{"id": 1}, {"id": 2}]),
        CLIENTS,
        [(1, "Анна", 7), (2, "Борис", 7), *CLIENTS_UNCHANGED[2:]],
    ),
    changing(
        "update beyond max_affected is undone",
        lambda c: c.table("clients").update({"discount": 7}).lte("id", 3).max_affected(2),
        Refused("PGRST124"),
        CLIENTS,
        CLIENTS_UNCHANGED,
    ),
    changing(
        "update of several rows with single is undone",
        lambda c: c.table("clients").update({"discount": 7}).lte("id", 3).single(),
        Refused("PGRST116"),
        CLIENTS,
        CLIENTS_UNCHANGED,
    ),
    changing(
        "update that would break a foreign key",
        lambda c: c.table("clients").update({"company_id": 1}).eq("id", 1),
        Refused("23503"),
        CLIENTS,
        CLIENTS_UNCHANGED,
    ),
    refusing(
        "update of an unknown column",
        lambda c: c.table("companies").update({"fired": 1}).eq("company_id", 900100),
        "PGRST204",
    ),
    refusing("update without a filter", lambda c: c.table("companies").update({"title": "x"}), "21000"),
    Case(
        "write: update of a row that a policy hides changes nothing, without an error",
        lambda c: c.table("notes").update({"body": "x"}).eq("id", 2),
        Answer([]),
        ("SELECT body FROM notes ORDER BY id", [("seen",), ("hidden",)]),
        role="anon",
    ),
)
DELETES = (
    changing(
        "delete returns what it removed",
        lambda c: c.table("bookings").delete().in_("id", [2, 3]).select("id,title").order("id"),
        Answer([{"id": 2, "title": "укладка"}, {"id": 3, "title": "окраска"}]),
        BOOKINGS,
        [(1,), (4,)],
    ),
    changing(
        "delete with a count, returning nothing",
        lambda c: c.table("bookings").delete(count=CountMethod.exact, returning=ReturnMethod.minimal).gt("id", 1),
        Answer([], 3),
        BOOKINGS,
        [(1,)],
    ),
    changing(
        "delete of no rows",
        lambda c: c.table("bookings").delete().eq("id", 0),
        Answer([]),
        BOOKINGS,
        [(1,), (2,), (3,), (4,)],
    ),
    changing(
        "delete beyond max_affected is undone",
        lambda c: c.table("bookings").delete().gt("id", 0).max_affected(3),
        Refused("PGRST124"),
        BOOKINGS,
        [(1,), (2,), (3,), (4,)],
    ),
    changing(
        "delete without a filter",
        lambda c: c.table("bookings").delete(),
        Refused("21000"),
        BOOKINGS,
        [(1,), (2,), (3,), (4,)],
    ),
    refusing(
        "delete of a row that others point to",
        lambda c: c.table("companies").delete().eq("company_id", 900100),
        "23503",
    ),
    Case(
        "write: delete of a row that a policy hides removes nothing, without an error",
        lambda c: c.table("notes").delete().eq("id", 2),
        Answer([]),
        ("SELECT id FROM notes ORDER BY id", [(1,), (2,)]),
        role="anon",
    ),
)
CASES = (*UPDATES, *DELETES)
