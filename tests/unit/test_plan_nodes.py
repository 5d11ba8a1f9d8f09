"""What is read of EXPLAIN's JSON: accesses by index with the table they belong to, sorts, lines without constants."""

from __future__ import annotations

from harness.core.plan_nodes import read_plan
from harness.core.prepared import Access

PLAN = [
    {
        "Plan": {
            "Node Type": "Sort",
            "Sort Key": ["clients.name"],
            "Plans": [
                {
                    "Node Type": "Bitmap Heap Scan",
                    "Relation Name": "clients",
                    "Schema": "public",
                    "Alias": "c",
                    "Filter": "(c.name = 'Anna'::text)",
                    "Plans": [
                        {
                            "Node Type": "Bitmap Index Scan",
                            "Index Name": "clients_phone",
                            "Index Cond": "(c.phone = '80005550001'::text)",
                        }
                    ],
                }
            ],
        }
    }
]


def test_an_index_scan_below_a_heap_scan_belongs_to_its_table() -> None:
    plan = read_plan(PLAN)
    assert plan.accesses == (
        Access(
            relation="public.clients",
            alias="c",
            index="clients_phone",
            condition="(c.phone = '80005550001'::text)",
        ),
    )
    assert plan.sorts


def test_no_constant_is_in_the_lines() -> None:
    text = "\n".join(read_plan(PLAN).lines)
    assert "Anna" not in text
    assert "80005550001" not in text
    assert "Bitmap Index Scan using clients_phone" in text


def test_a_plan_without_tables_has_no_access() -> None:
    assert read_plan([{"Plan": {"Node Type": "Result"}}]).accesses == ()
