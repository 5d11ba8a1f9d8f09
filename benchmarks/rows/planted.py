"""What other comparisons of rows miss or invent: each case planted on two databases, and the right answer.

The tests hold pgparity to these answers (tests/postgres/test_rows_missed_by_others.py); `python -m
benchmarks.rows.missed` asks the other tools the same and writes the table of docs/rows.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Right = Literal["identical", "drift", "differs", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Table t of schema public, or what makes it, on both sides."""

    planted: str
    right: Right
    columns: str = "id int PRIMARY KEY, v text"
    target_columns: str = ""
    """Where they are other ones"""
    rows: str = ""
    """VALUES of both sides"""
    source_rows: str = ""
    target_rows: str = ""
    before: tuple[str, ...] = ()
    """Statements on the target before the table is made"""
    after: tuple[str, ...] = ()
    """Statements on the target once the rows are there"""
    before_both: tuple[str, ...] = ()
    compared: tuple[str, ...] = ("v",)
    key: tuple[str, ...] = ("id",)
    """What the tools are told to match rows by; where the table has no key, what comes nearest to one"""
    keyed: bool = True
    cell: tuple[str, str] | None = None
    """Column and class of the one cell that differs"""
    found: int = 1
    """Rows that differ, or drift"""
    changed: str = "UPDATE t SET v = NULL WHERE id = 1"
    """Of a case that is identical: what makes its target differ in one row"""
    icu: bool = False
    """The target needs collations of ICU"""
    setting: tuple[str, ...] = ()
    """Settings of the target's database"""

    def statements(self) -> tuple[list[str], list[str]]:
        """What makes the table and its rows on the source, and on the target."""
        return (
            [*self.before_both, *_made(self.columns, self.rows, self.source_rows)],
            [
                *self.before_both,
                *self.before,
                *_made(self.target_columns or self.columns, self.rows, self.target_rows),
                *self.after,
            ],
        )


def _made(columns: str, *rows: str) -> list[str]:
    table = columns if columns.startswith("CREATE") else f"CREATE TABLE t ({columns})"
    return [*table.split(";"), *(f"INSERT INTO t {_values(each)}" for each in rows if each)]


def _values(rows: str) -> str:
    return f"VALUES {rows}" if rows.startswith("(") else rows


def _one(planted: str, right: Right, kind: str, source: str, target: str, cls: str, target_kind: str = "") -> Case:
    """A cell v of one type with these two values."""
    return Case(
        planted=planted,
        right=right,
        columns=f"id int PRIMARY KEY, v {kind}",
        target_columns=f"id int PRIMARY KEY, v {target_kind or kind}",
        source_rows=f"(1, {source}), (2, {source})",
        target_rows=f"(1, {target}), (2, {source})" if right == "differs" else f"(1, {target}), (2, {target})",
        cell=("v", cls) if cls else None,
        found=1 if right == "differs" else 2,
    )


_KEYS: Final = {
    "a composite key": ("a int, b text, v int, PRIMARY KEY (a, b)", "g % 50, 'k' || g, g", ("a", "b")),
    "a uuid key": ("a uuid PRIMARY KEY, v int", "md5(g::text)::uuid, g", ("a",)),
    "a key with NULL parts": ("a int, b text, v int, UNIQUE (a, b)", "nullif(g % 3, 0), 'k' || g, g", ("a", "b")),
    "no key, rows that occur three times": ("a int, b text, v int", "g % 7, 'x', (g + 2) / 3", ("a",)),
}

_EXACT: Final = tuple(
    Case(
        planted=f"{name}: one row changed, one gone, one new",
        right="differs",
        columns=columns,
        rows=f"SELECT {values} FROM generate_series(1, 900) g",
        compared=tuple(name for name in ("b", "v") if f"{name} " in columns and name not in key),
        after=(
            "UPDATE t SET v = -1 WHERE v = 90 AND ctid = (SELECT min(ctid) FROM t WHERE v = 90)",
            "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE v = 91)",
            f"INSERT INTO t SELECT {values} FROM generate_series(10000, 10000) g",
        ),
        key=key,
        keyed=not name.startswith("no key"),
        found=4 if name.startswith("no key") else 3,
    )
    for name, (columns, values, key) in _KEYS.items()
)

_BOUNDARIES: Final = "1, 2, 16383, 16384, 16385, 32768, 32769, 40000"

CASES: Final[tuple[Case, ...]] = (
    _one("NULL against ''", "differs", "text", "NULL", "''", "NULL against empty"),
    Case(
        planted="('a|b', 'c') against ('a', 'b|c')",
        right="differs",
        columns="id int PRIMARY KEY, a text, b text",
        source_rows="(1, 'a|b', 'c'), (2, 'x', 'y')",
        target_rows="(1, 'a', 'b|c'), (2, 'x', 'y')",
        compared=("a", "b"),
    ),
    _one("NULL against the text '<null>'", "differs", "text", "NULL", "'<null>'", "NULL against a value"),
    _one("NULL against the text '\\N'", "differs", "text", "NULL", "'\\N'", "NULL against a value"),
    Case(
        planted="two equal rows on one side of a table with no key",
        right="differs",
        columns="id int, v text",
        rows="(1, 'x'), (2, 'y')",
        source_rows="(3, 'z'), (3, 'z')",
        keyed=False,
        found=2,
    ),
    Case(
        planted="an all-NULL row more, in a table with no key",
        right="differs",
        columns="id int, v text",
        rows="(1, 'x'), (2, 'y')",
        source_rows="(NULL, NULL)",
        keyed=False,
    ),
    _one("1.0 / 1.00", "drift", "numeric", "1.0", "1.00", "representation drift"),
    _one("-0 / 0", "drift", "float8", "'-0'", "'0'", "sign of zero"),
    _one("'1 mon' / '30 days'", "drift", "interval", "'1 mon'", "'30 days'", "representation drift"),
    _one("padding of char", "drift", "char(3)", "'ab'", "'ab'", "representation drift", "char(5)"),
    _one("jsonb 1.0 / 1.00", "drift", "jsonb", "'[1.0]'", "'[1.00]'", "representation drift"),
    _one("{1,2} / {{1,2}}", "differs", "int[]", "'{1,2}'", "'{{1,2}}'", ""),
    _one("other array bounds", "differs", "int[]", "'{1,2}'", "'[0:1]={1,2}'", ""),
    _one("a trailing space", "differs", "text", "'Анна'", "'Анна '", "white space"),
    _one("NFC / NFD", "differs", "text", "U&'\\0439'", "U&'\\0438\\0306'", "unicode normalisation"),
    _one("a zone shift of three hours", "differs", "timestamptz", "'2026-03-31 21:30+00'", "'2026-04-01 00:30+00'",
         "zone shift"),
    _one("Cyrillic letters in a Latin word", "differs", "text", "'CAPE'", "'САРЕ'", "look-alike letters"),
    Case(
        planted="an enum with other OIDs, same labels",
        right="identical",
        columns="id int PRIMARY KEY, v mood",
        before_both=("CREATE TYPE mood AS ENUM ('ok', 'bad')",),
        rows="(1, 'ok'), (2, 'bad')",
        before=("CREATE TYPE in_the_way AS ENUM ('x')", "DROP TYPE mood", "CREATE TYPE mood AS ENUM ('ok', 'bad')"),
    ),
    Case(
        planted="a domain with another OID",
        right="identical",
        columns="id int PRIMARY KEY, v phone[]",
        before_both=("CREATE DOMAIN phone AS text CHECK (VALUE ~ '^[0-9]+$')",),
        rows="(1, '{80005550001}'), (2, '{80005550002}')",
        before=("DROP DOMAIN phone", "CREATE DOMAIN phone AS text CHECK (VALUE ~ '^[0-9]+$')"),
    ),
    Case(
        planted="text keys in mixed case, collation C against ICU's",
        right="identical",
        columns='id text COLLATE "C" PRIMARY KEY, v int',
        target_columns='id text COLLATE "und-x-icu" PRIMARY KEY, v int',
        rows="SELECT (ARRAY['a', 'A', 'b', 'B', 'k', 'K', 'z', 'Z'])[1 + g % 8] || lpad(g::text, 5, '0'), g"
        " FROM generate_series(1, 20000) g",
        changed="UPDATE t SET v = NULL WHERE v = 1",
        icu=True,
    ),
    *_EXACT,
    _one("json with another order of keys", "drift", "json", "'{\"a\": 1, \"b\": 2}'", "'{\"b\": 2, \"a\": 1}'",
         "representation drift"),
    _one("json with other white space", "drift", "json", "'{\"a\": 1}'", "'{ \"a\" : 1 }'", "representation drift"),
    Case(
        planted="extra_float_digits = 0 on one side",
        right="identical",
        columns="id int PRIMARY KEY, v float8, w real",
        rows="SELECT g, sqrt(g), sqrt(g) FROM generate_series(1, 50) g",
        compared=("v", "w"),
        setting=("extra_float_digits = 0",),
    ),
    Case(
        planted="DateStyle and TimeZone of one side",
        right="identical",
        columns="id int PRIMARY KEY, v timestamptz, w date",
        rows="SELECT g, '2026-01-01 00:00+00'::timestamptz + g * interval '1 h', '2026-01-01'::date + g"
        " FROM generate_series(1, 50) g",
        compared=("v", "w"),
        setting=("DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kolkata'"),
    ),
    Case(
        planted="bytea_output = 'escape' on one side",
        right="identical",
        columns="id int PRIMARY KEY, v bytea",
        rows="SELECT g, decode(md5(g::text), 'hex') FROM generate_series(1, 50) g",
        setting=("bytea_output = 'escape'",),
    ),
    Case(
        planted="40,000 rows, differences at both ends, at leaf boundaries and beyond the other side's range",
        right="differs",
        columns="id bigint PRIMARY KEY, v text",
        rows="SELECT g, 'v' || g FROM generate_series(1, 40000) g",
        source_rows="(-9, 'below'), (900000, 'above')",
        target_rows="(-10, 'below'), (900001, 'above'), (9223372036854775806, 'last')",
        after=(f"UPDATE t SET v = 'changed' WHERE id IN ({_BOUNDARIES})", "DELETE FROM t WHERE id = 8192"),
        found=14,
    ),
    Case(
        planted="1,600 columns, the last one changed",
        right="differs",
        columns=f"id int PRIMARY KEY, {', '.join(f'c{number} int DEFAULT 0' for number in range(1599))}",
        rows="(1, 0), (2, 0)",
        after=("UPDATE t SET c1598 = 1 WHERE id = 2",),
        compared=tuple(f"c{number}" for number in range(1599)),
        cell=("c1598", "other"),
    ),
    Case(planted="no row on one side, one on the other", right="differs", target_rows="(1, 'x')"),
    Case(
        planted="a dropped column, another order of columns, a generated column",
        right="identical",
        columns="CREATE TABLE t (gone int, id int PRIMARY KEY, v text, n int, twice int GENERATED ALWAYS AS (n * 2)"
        " STORED); ALTER TABLE t DROP COLUMN gone",
        target_columns="CREATE TABLE t (twice int, n int, v text, id int PRIMARY KEY)",
        source_rows="SELECT g, 'v' || g, g FROM generate_series(1, 50) g",
        target_rows="SELECT g * 2, g, 'v' || g, g FROM generate_series(1, 50) g",
        compared=("v", "n", "twice"),
    ),
    Case(
        planted="partitions against a plain table",
        right="identical",
        columns="CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);"
        " CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (500);"
        " CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (500) TO (MAXVALUE)",
        target_columns="id int PRIMARY KEY, v text",
        rows="SELECT g, 'v' || g FROM generate_series(1, 1000) g",
    ),
    _one("int4 against int8, equal", "drift", "int", "5", "5", "", "bigint"),
    _one("int4 against int8, other values", "differs", "int", "5", "6", "", "bigint"),
    _one("varchar(50) against text, equal", "drift", "varchar(50)", "'Анна'", "'Анна'", "", "text"),
    _one("varchar(50) against text, a trailing space", "differs", "varchar(50)", "'Анна'", "'Анна '", "white space",
         "text"),
    _one("timestamp against timestamptz, the same moment", "drift", "timestamp", "'2026-01-01 10:00'",
         "'2026-01-01 10:00+00'", "", "timestamptz"),
    _one("timestamp against timestamptz, three hours apart", "differs", "timestamp", "'2026-01-01 10:00'",
         "'2026-01-01 10:00+03'", "zone shift", "timestamptz"),
)  # fmt: skip
