"""Random objects beside the tables of a random schema: types, functions, heirs, rules, statistics, privileges."""

from __future__ import annotations

from hypothesis import strategies as st

ROLES = ("corpus_reader", "corpus_writer")
COMMENTS = ("'first'", "'second'", "'it''s a \\ third'", "NULL")


def sometimes(draw: st.DrawFn, text: str, one_of: int = 2) -> str:
    """The text, or nothing; once in `one_of`."""
    return text if draw(st.integers(1, one_of)) == 1 else ""


@st.composite
def types(draw: st.DrawFn) -> list[str]:
    """An enum, a domain, a composite type, a sequence and functions, always of the same names."""
    labels = ["new", *draw(st.lists(st.sampled_from(("done", "lost", "it's")), unique=True, max_size=3))]
    moods = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
    base = draw(st.sampled_from(("integer", "integer", "bigint")))
    inner = draw(st.sampled_from(("integer", "bigint", "text", "mood")))
    argument = draw(st.sampled_from(("n", "n", "of_what")))
    returned = draw(st.sampled_from(("integer", "integer", "bigint")))
    factor = draw(st.sampled_from((2, 3)))
    kind = draw(st.sampled_from(("integer", "bigint")))
    domain = f"{base}{sometimes(draw, ' DEFAULT 5', 3)}{sometimes(draw, ' NOT NULL', 6)}"
    limit, first, cached = (draw(st.sampled_from(each)) for each in ((100, 200), (1, 5), (1, 3)))
    options = sometimes(draw, " STRICT", 3) + sometimes(draw, " SECURITY DEFINER SET search_path = pg_catalog", 4)
    definer, row = sometimes(draw, " SECURITY DEFINER", 4), draw(st.sampled_from(("NEW", "OLD")))
    volatility = draw(st.sampled_from(("STABLE", "VOLATILE")))
    function = f"CREATE FUNCTION double_of({argument} integer) RETURNS {returned} LANGUAGE sql IMMUTABLE{options}"
    return [
        f"CREATE TYPE mood AS ENUM ({moods});",
        f"CREATE DOMAIN percent AS {domain} CONSTRAINT low CHECK (VALUE <= {limit});",
        f"CREATE TYPE size AS (width integer, height {inner}{sometimes(draw, ', depth integer', 3)});",
        f"CREATE SEQUENCE numbers AS {kind} START {first}{sometimes(draw, ' CYCLE', 4)} CACHE {cached};",
        f"{function} AS 'SELECT $1 * {factor}';",
        f"CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql{definer} AS 'BEGIN RETURN {row}; END';",
        f"CREATE FUNCTION first_mood() RETURNS mood LANGUAGE sql {volatility} AS 'SELECT ''new''::public.mood';",
    ]


@st.composite
def beside(draw: st.DrawFn, table: str, name: str, columns: tuple[tuple[str, str], ...]) -> list[str]:
    """What stands on one plain table: statistics, rules, heirs, policies, functions, privileges and comments."""
    role = draw(st.sampled_from(ROLES))
    column, _ = draw(st.sampled_from(columns))
    statistics, rule, heir = (f'"{name} {what}"' for what in ("together", "kept", "heir"))
    comment = draw(st.sampled_from(COMMENTS))
    number = draw(st.sampled_from((10, 20)))
    way = draw(st.sampled_from(("PERMISSIVE", "RESTRICTIVE")))
    option = sometimes(draw, " WITH GRANT OPTION", 3)
    found = [
        (f"CREATE RULE {rule} AS ON DELETE TO {table} WHERE old.id > {number} DO INSTEAD NOTHING;", 6),
        (f"COMMENT ON COLUMN {table}.{column} IS {comment};", 4),
        (f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {number};", 6),
        (f"ALTER TABLE {table} REPLICA IDENTITY FULL;", 6),
        (f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;", 8),
        (f"GRANT SELECT ({column}), UPDATE ({column}) ON {table} TO {role}{option};", 4),
        (f"REVOKE ALL ON {table} FROM CURRENT_USER;", 8),
        (f"CREATE TABLE {heir} (extra integer{sometimes(draw, ' DEFAULT 3')}) INHERITS ({table});", 5),
        (f"CREATE POLICY checked ON {table} AS {way} TO {role} USING (id > 0) WITH CHECK (double_of(id) < 9);", 5),
        (f"CREATE FUNCTION {rule}(one {table}) RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';", 6),
        (f"CREATE FUNCTION {statistics}() RETURNS SETOF {table} LANGUAGE sql STABLE AS 'SELECT * FROM {table}';", 6),
    ]  # fmt: skip
    lines = [text for text, one_of in found if draw(st.integers(1, one_of)) == 1]
    plain = [each for each, kind in columns if kind in ("integer", "text", "date", "boolean", "bigint", "mood")]
    if len(plain) > 1 and draw(st.integers(0, 3)) == 0:
        lines.append(f"CREATE STATISTICS {statistics} ON {plain[0]}, {plain[-1]} FROM {table};")
    return lines


@st.composite
def partitions(draw: st.DrawFn, table: str, name: str) -> list[str]:
    """Partitions of a table by range of id, one of them with a trigger, an index or a default of its own."""
    low, high, rest = (f'"{name} {what}"' for what in ("low", "high", "rest"))
    edge = draw(st.sampled_from((100, 200)))
    found = [
        (f"CREATE TABLE {high} PARTITION OF {table} FOR VALUES FROM ({edge}) TO (900);", 2),
        (f"CREATE TABLE {rest} PARTITION OF {table} DEFAULT;", 3),
        (f"CREATE INDEX ON {low} (id DESC);", 3),
        (f"ALTER TABLE {low} ALTER COLUMN id SET STATISTICS 30;", 5),
        (f"CREATE TRIGGER own BEFORE INSERT ON {low} FOR EACH ROW EXECUTE FUNCTION touch();", 4),
        (f"GRANT SELECT ON {low} TO {ROLES[0]};", 4),
        (f"COMMENT ON TABLE {low} IS 'the low ones';", 4),
    ]
    lines = [f"CREATE TABLE {low} PARTITION OF {table} FOR VALUES FROM (0) TO ({edge});"]
    return lines + [text for text, one_of in found if draw(st.integers(1, one_of)) == 1]


@st.composite
def of_the_schema(draw: st.DrawFn) -> list[str]:
    """Default privileges, a publication, comments and owners of what is always there."""
    role = draw(st.sampled_from(ROLES))
    found = [
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role};",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {ROLES[1]} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;",
        "CREATE PUBLICATION everything FOR ALL TABLES;",
        "REVOKE EXECUTE ON FUNCTION double_of(integer) FROM PUBLIC;",
        f"GRANT EXECUTE ON FUNCTION double_of(integer) TO {role};",
        f"GRANT USAGE ON TYPE mood TO {role};",
        f"ALTER FUNCTION first_mood() OWNER TO {role};",
        f"ALTER TYPE mood OWNER TO {role};",
        f"GRANT USAGE ON SEQUENCE numbers TO {role};",
        "COMMENT ON TYPE mood IS 'how it is';",
        "COMMENT ON DOMAIN percent IS 'a share';",
        "COMMENT ON FUNCTION double_of(integer) IS 'twice';",
        "CREATE SCHEMA IF NOT EXISTS attic;",
        "COMMENT ON CONSTRAINT low ON DOMAIN percent IS 'not more';",
    ]
    return [text for text in found if draw(st.integers(0, 5)) == 0]
