-- A schema with every text that PostgreSQL parses and deparses, each with what is written otherwise after a restored
-- dump or by another version: an IN list over character varying, BETWEEN beside AND, columns of a single table.
-- PostgreSQL 15 and later.
CREATE SCHEMA "Stock";
CREATE TYPE mood AS ENUM ('calm', 'glad');
CREATE TYPE "Stock".size AS (width integer, height integer);
CREATE TYPE "Stock".span AS RANGE (subtype = integer);
CREATE COLLATION "Stock".plain (provider = libc, locale = 'C');
CREATE DOMAIN phone AS varchar(20) DEFAULT 'none'
    CHECK (VALUE IN ('none', '8000')) CHECK (VALUE BETWEEN '0' AND 'z' AND VALUE <> 'c');
CREATE SEQUENCE "Stock"."Ticket";
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE FUNCTION "Stock"."Near"(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs(a - b) < 2';
CREATE OPERATOR "Stock".~~~ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = "Stock"."Near");
CREATE AGGREGATE "Stock".product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE clients (
    id integer PRIMARY KEY,
    "Full name" varchar(40) COLLATE "Stock".plain NOT NULL DEFAULT 'x'::varchar,
    phone phone,
    mood mood DEFAULT 'calm',
    status varchar(20) DEFAULT CASE WHEN 'a'::varchar IN ('a', 'b') THEN 'new' ELSE 'old' END,
    size "Stock".size,
    span "Stock".span DEFAULT '[1,3)',
    born date,
    ticket bigint DEFAULT nextval('"Stock"."Ticket"'),
    at timestamptz DEFAULT (now() AT TIME ZONE 'utc'),
    low text GENERATED ALWAYS AS (CASE WHEN status IN ('a', 'b') THEN lower("Full name") ELSE 'n' END) STORED,
    CHECK (status IN ('new', 'old', 'gone')),
    CHECK (born BETWEEN '1900-01-01' AND '2030-01-01' AND status <> 'x') NO INHERIT,
    CHECK (id OPERATOR("Stock".~~~) 5 OR status IN ('a', 'b')),
    EXCLUDE USING btree (id WITH =) WHERE (status IN ('a', 'b') AND id BETWEEN 1 AND 2 AND "Full name" <> 'x')
);
CREATE TABLE bookings (
    id bigserial PRIMARY KEY, client integer REFERENCES clients, helper clients, price numeric(8,2),
    state varchar(10), at timestamptz
);
CREATE TABLE visits (client integer, at timestamptz, UNIQUE (client, at));
CREATE TABLE events (id integer, state varchar(10), at timestamptz)
    PARTITION BY LIST ((CASE WHEN state IN ('a', 'b') THEN 1 ELSE 2 END));
CREATE TABLE events_one PARTITION OF events FOR VALUES IN (1);
CREATE INDEX "By name" ON clients (lower("Full name"), (id BETWEEN 1 AND 2 AND status <> 'x'))
    WHERE status IN ('new', 'old') AND id BETWEEN 1 AND 20 AND "Full name" <> 'x';
CREATE VIEW named AS
    SELECT id, "Full name", status FROM clients
    WHERE status IN ('new', 'old') AND id BETWEEN 1 AND 20 AND "Full name" <> 'x';
CREATE VIEW counted AS
    SELECT named."Full name", count(*) AS n, "Stock".product(id) AS p FROM named GROUP BY named."Full name"
    HAVING count(*) BETWEEN 1 AND 3 AND count(*) <> 2;
CREATE VIEW joined AS
    SELECT c.*, b.price, (b.helper)."Full name" AS helping FROM clients c JOIN bookings b ON b.client = c.id
    WHERE b.state IN ('open', 'done') AND c.id OPERATOR("Stock".~~~) b.id::integer;
CREATE VIEW keyed AS
    SELECT clients.id, clients."Full name", (clients.size).width, max(b.price) AS most
    FROM clients LEFT JOIN bookings b ON client = clients.id WHERE clients.status IN ('new', 'x') GROUP BY clients.id;
CREATE VIEW counting AS
    WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 100)
    SELECT sum(n) AS total, (
        SELECT max(id) FROM clients
        WHERE status IN ('new', 'x') AND EXISTS (SELECT FROM bookings WHERE bookings.client = clients.id)
    ) AS most FROM t;
CREATE MATERIALIZED VIEW kept AS SELECT id, status FROM clients WHERE status IN ('new', 'old') WITH NO DATA;
CREATE INDEX ON kept (id) WHERE status IN ('new', 'old');
ALTER VIEW named ALTER COLUMN status SET DEFAULT CASE WHEN 'a'::varchar IN ('a', 'b') THEN 'new' ELSE 'old' END;
CREATE POLICY own ON clients
    USING (status IN ('new', 'old') AND id BETWEEN 1 AND twice(3) AND "Full name" <> 'x')
    WITH CHECK (EXISTS (SELECT FROM bookings WHERE client = clients.id AND state IN ('open', 'done')));
CREATE TRIGGER touching BEFORE UPDATE OF status, "Full name" ON clients FOR EACH ROW
    WHEN (NEW.status IN ('new', 'old') AND NEW.id BETWEEN 1 AND 2 AND NEW.status <> OLD.status)
    EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON clients DEFERRABLE FOR EACH ROW
    WHEN (NEW.status IN ('new', 'old')) EXECUTE FUNCTION touch();
CREATE RULE follow AS ON INSERT TO bookings WHERE NEW.state IN ('open', 'done')
    DO ALSO UPDATE clients SET status = 'old' WHERE id = NEW.client AND status IN ('new', 'x');
CREATE RULE once AS ON DELETE TO bookings WHERE OLD.state IN ('open', 'done')
    DO ALSO INSERT INTO visits (client, at) VALUES (OLD.client, OLD.at) ON CONFLICT (client, at) DO NOTHING;
CREATE STATISTICS together ON (status IN ('new', 'old')), lower("Full name") FROM clients;
CREATE FUNCTION with_defaults(a integer DEFAULT twice(2), b varchar DEFAULT 'x'::varchar,
    c boolean DEFAULT 'a'::varchar IN ('a', 'b')) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION standard(client_id integer, s varchar) RETURNS bigint LANGUAGE sql
    BEGIN ATOMIC SELECT count(*) FROM clients WHERE id = client_id AND status IN ('new', 'old') AND s IN ('a', 'b'); END;
CREATE FUNCTION given(n integer, s varchar) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN n BETWEEN 1 AND 3 AND n <> 2 AND s IN ('a', 'b');
CREATE PROCEDURE tidying(s varchar) LANGUAGE sql
    BEGIN ATOMIC DELETE FROM bookings WHERE state = s AND state IN ('open', 'done'); END;
CREATE PUBLICATION outward FOR TABLE bookings WHERE (id BETWEEN 1 AND 2 AND id <> 3);
