"""A large invented schema as DDL: tables with partitions, views on views, functions, policies, triggers and grants."""

from __future__ import annotations

from collections.abc import Iterator

COLUMNS = (
    "id bigint GENERATED ALWAYS AS IDENTITY",
    "company_id integer NOT NULL",
    "name text NOT NULL",
    "phone character varying(20)",
    "status text DEFAULT 'new'::text NOT NULL",
    "price numeric(10,2) DEFAULT 0",
    "notes jsonb DEFAULT '{}'::jsonb",
    "starts_at timestamp with time zone",
    "ends_at timestamp with time zone",
    "active boolean DEFAULT true NOT NULL",
    "created_at timestamp with time zone DEFAULT now() NOT NULL",
    "updated_at timestamp with time zone",
)
"""Twelve a table"""
READERS = ("bench_reader", "bench_writer")


def statements(tables: int, *, others: int | None = None) -> Iterator[str]:
    """DDL for so many tables of twelve columns and six indexes (two of them constraints'), and `others` views and
    functions each (a tenth of the tables by default). Every tenth table is a partition, every fifth has policies."""
    others = tables // 10 if others is None else others
    yield "CREATE SCHEMA salon;"
    yield (
        "CREATE FUNCTION salon.touch() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';"
    )
    yield f"CREATE TABLE salon.visits ({', '.join(COLUMNS[1:])}) PARTITION BY RANGE (company_id);"
    for number in range(tables - 1):
        yield from _partition(number) if number % 10 == 9 else _table(number)
    for number in range(others):
        below = f"salon.view_{number - 1}" if number % 4 else f"salon.table_{number * 10}"
        yield (
            f"CREATE VIEW salon.view_{number} AS SELECT id, company_id, name, status FROM {below}"
            f" WHERE status = 'new' AND company_id > {number};"
        )
    for number in range(others):
        yield (
            f"CREATE FUNCTION salon.count_{number}(company integer, state text DEFAULT 'new'::text) RETURNS bigint"
            f" LANGUAGE sql STABLE AS 'SELECT count(*) FROM salon.table_{number * 10} WHERE company_id = company';"
        )
        yield f"GRANT EXECUTE ON FUNCTION salon.count_{number}(integer, text) TO {READERS[0]};"
    for role in READERS:
        yield f"GRANT USAGE ON SCHEMA salon TO {role};"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA salon TO {READERS[0]};"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA salon TO {READERS[1]};"


OTHERWISE = 100
"""Texts that `written_otherwise` makes"""


def written_otherwise() -> Iterator[tuple[str, str]]:
    """Statements whose texts PostgreSQL writes otherwise once they were read from a dump, for the first tables that are
    no partitions: a check and a view each. Statement, and the query that gives the dump's text of it."""
    numbers = [number for number in range(OTHERWISE) if number % 10 != 9][: OTHERWISE // 2]
    known = "phone IN ('80005550001', '80005550002')"
    for number in numbers:
        written = (
            f"SELECT 'ALTER TABLE salon.table_{number} ADD CONSTRAINT known ' || pg_get_constraintdef(oid)"
            f" FROM pg_constraint WHERE conrelid = 'salon.table_{number}'::regclass AND conname = 'known'"
        )
        yield f"ALTER TABLE salon.table_{number} ADD CONSTRAINT known CHECK ({known})", written
        yield (
            f"CREATE VIEW salon.known_{number} AS SELECT id, phone FROM salon.table_{number} WHERE {known}",
            f"SELECT 'CREATE VIEW salon.known_{number} AS ' || pg_get_viewdef('salon.known_{number}'::regclass)",
        )


def _table(number: int) -> Iterator[str]:
    name = f"salon.table_{number}"
    yield (
        f"CREATE TABLE {name} ({', '.join(COLUMNS)}, PRIMARY KEY (id), UNIQUE (company_id, phone),"
        " CHECK (price >= 0), CHECK (status IN ('new', 'done', 'lost')));"
    )
    yield from _indexes(name)
    if number % 10 and number % 10 != 9:
        referred = f"salon.table_{number - number % 10}"
        yield f"ALTER TABLE {name} ADD FOREIGN KEY (id) REFERENCES {referred} (id) ON DELETE CASCADE;"
    if number % 5 == 0:
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
        yield f"CREATE POLICY own ON {name} FOR SELECT TO {READERS[0]} USING (company_id > 0 AND active);"
    if number % 3 == 0:
        yield f"CREATE TRIGGER touch BEFORE UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION salon.touch();"
        yield f"COMMENT ON TABLE {name} IS 'invented table {number}';"
        yield f"COMMENT ON COLUMN {name}.phone IS 'as the salon wrote it down';"


def _partition(number: int) -> Iterator[str]:
    name = f"salon.table_{number}"
    yield f"CREATE TABLE {name} PARTITION OF salon.visits FOR VALUES FROM ({number}) TO ({number + 10});"
    yield from _indexes(name)
    yield f"CREATE INDEX ON {name} (ends_at);"
    yield f"CREATE INDEX ON {name} (notes);"


def _indexes(name: str) -> Iterator[str]:
    yield f"CREATE INDEX ON {name} (company_id, starts_at DESC);"
    yield f"CREATE INDEX ON {name} (lower(name));"
    yield f"CREATE INDEX ON {name} (starts_at) WHERE active;"
    yield f"CREATE INDEX ON {name} (status, created_at) INCLUDE (price);"
