-- A salon's schema with at least one object of every kind that a comparison knows; PostgreSQL 15 and later.
CREATE SCHEMA salon;
CREATE SCHEMA "Back Office" AUTHORIZATION corpus_owner;
COMMENT ON SCHEMA salon IS 'what the till reads and writes';
COMMENT ON EXTENSION plpgsql IS 'for the triggers';

CREATE COLLATION salon.by_byte (provider = libc, locale = 'C');
COMMENT ON COLLATION salon.by_byte IS 'names on the appointment list';
CREATE TYPE salon.state AS ENUM ('requested', 'confirmed', 'done');
COMMENT ON TYPE salon.state IS 'of a booking';
CREATE DOMAIN salon.phone AS text DEFAULT 'unknown' CONSTRAINT phone_digits CHECK (VALUE ~ '^[0-9]+$' OR VALUE = 'unknown');
COMMENT ON DOMAIN salon.phone IS 'digits only';
COMMENT ON CONSTRAINT phone_digits ON DOMAIN salon.phone IS 'no spaces';
CREATE DOMAIN salon.percent AS numeric(5,2) CONSTRAINT percent_low CHECK (VALUE >= 0);
CREATE TYPE salon.address AS (street text, postcode character varying(10), town text);
COMMENT ON COLUMN salon.address.postcode IS 'as the post writes it';
CREATE FUNCTION salon.minutes_between(a integer, b integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT (a - b)::double precision';
CREATE TYPE salon.minutes AS RANGE (subtype = integer, subtype_diff = salon.minutes_between);
COMMENT ON TYPE salon.minutes IS 'of the day';
CREATE TYPE salon.ticket;
CREATE FUNCTION salon.ticket_in(cstring) RETURNS salon.ticket LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION salon.ticket_out(salon.ticket) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION salon.ticket_receive(internal) RETURNS salon.ticket LANGUAGE internal IMMUTABLE STRICT AS 'int4recv';
CREATE FUNCTION salon.ticket_send(salon.ticket) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
CREATE TYPE salon.ticket (INPUT = salon.ticket_in, OUTPUT = salon.ticket_out, LIKE = integer);
COMMENT ON TYPE salon.ticket IS 'number of a queue ticket';

CREATE SEQUENCE salon.receipts AS integer START WITH 100 INCREMENT BY 1 MAXVALUE 500000 CACHE 5;
COMMENT ON SEQUENCE salon.receipts IS 'one a year';
CREATE SEQUENCE salon.voucher_numbers;
CREATE FUNCTION salon.normal(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT lower(btrim(given))';
COMMENT ON FUNCTION salon.normal(text) IS 'for look-ups';
CREATE FUNCTION salon.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';
CREATE FUNCTION salon.price_of(service integer, rebate numeric DEFAULT 0) RETURNS numeric LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = salon, pg_temp AS 'BEGIN RETURN 10 - rebate; END';
CREATE FUNCTION salon.upcoming(days integer) RETURNS SETOF date LANGUAGE sql STABLE COST 50 ROWS 10 AS 'SELECT current_date + n FROM generate_series(1, days) n';
CREATE PROCEDURE salon.tidy(INOUT removed integer DEFAULT 0) LANGUAGE plpgsql AS 'BEGIN removed := 0; END';
CREATE FUNCTION salon.longer(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE WHEN length(a) < length(b) THEN b ELSE a END';
CREATE AGGREGATE salon.longest(text) (SFUNC = salon.longer, STYPE = text, INITCOND = '', PARALLEL = safe);
COMMENT ON AGGREGATE salon.longest(text) IS 'the longest name';

CREATE TABLE salon.clients (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE salon.by_byte NOT NULL,
    phone salon.phone,
    mail character varying(80) DEFAULT 'none'::character varying,
    born date,
    balance numeric(10,2) DEFAULT 0 NOT NULL,
    notes jsonb DEFAULT '{}'::jsonb NOT NULL,
    home salon.address,
    photo oid,
    search text GENERATED ALWAYS AS (salon.normal(mail::text)) STORED,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT clients_phone_key UNIQUE (phone),
    CONSTRAINT clients_balance_check CHECK (balance > '-500'::integer::numeric)
) WITH (fillfactor = 80);
COMMENT ON TABLE salon.clients IS 'people who come';
COMMENT ON COLUMN salon.clients.phone IS 'where we call back';
COMMENT ON CONSTRAINT clients_balance_check ON salon.clients IS 'no credit beyond that';
ALTER TABLE salon.clients ALTER COLUMN notes SET STORAGE external;
ALTER TABLE salon.clients ALTER COLUMN mail SET STATISTICS 500;
ALTER TABLE salon.clients ALTER COLUMN born SET (n_distinct = 300);
CREATE TABLE salon.services (
    id integer PRIMARY KEY,
    title text NOT NULL,
    minutes salon.minutes,
    price numeric(8,2) NOT NULL,
    rebate salon.percent,
    code text DEFAULT 'S'::text || nextval('salon.voucher_numbers'::regclass)::text,
    CONSTRAINT services_price_check CHECK (price < 900::numeric),
    CONSTRAINT services_minutes_excl EXCLUDE USING gist (minutes WITH &&)
);
ALTER SEQUENCE salon.voucher_numbers OWNED BY salon.services.code;
CREATE TABLE salon.bookings (
    id bigserial PRIMARY KEY,
    client_id integer NOT NULL,
    service_id integer,
    state salon.state DEFAULT 'requested'::salon.state NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    price numeric(8,2),
    ticket salon.ticket,
    updated_at timestamp with time zone,
    CONSTRAINT bookings_client_fkey FOREIGN KEY (client_id) REFERENCES salon.clients (id) ON DELETE CASCADE,
    CONSTRAINT bookings_service_fkey FOREIGN KEY (service_id) REFERENCES salon.services (id) DEFERRABLE,
    CONSTRAINT bookings_order_check CHECK (ends_at > starts_at),
    CONSTRAINT bookings_slot_key UNIQUE (client_id, starts_at) DEFERRABLE INITIALLY IMMEDIATE
);
ALTER TABLE salon.bookings ADD CONSTRAINT bookings_price_check CHECK (price >= 0::numeric) NOT VALID;
CREATE TABLE salon.visits (id integer NOT NULL, day date NOT NULL, paid numeric(8,2)) PARTITION BY RANGE (day);
CREATE TABLE salon.visits_2025 PARTITION OF salon.visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE salon.visits_rest PARTITION OF salon.visits DEFAULT;
CREATE TABLE salon.logins (at date NOT NULL, who text) PARTITION BY LIST (at);
CREATE TABLE salon.logins_2025 PARTITION OF salon.logins FOR VALUES IN ('2025-01-01');
CREATE TABLE salon.people (id integer NOT NULL, called text);
CREATE TABLE salon.stylists (wage numeric(8,2)) INHERITS (salon.people);
CREATE TABLE salon.trainees (since date) INHERITS (salon.people);
CREATE TABLE salon.addresses OF salon.address;
CREATE UNLOGGED TABLE salon.cart (client_id integer, content jsonb);
ALTER TABLE salon.cart REPLICA IDENTITY FULL;
CREATE TABLE "Back Office"."Pay Slips" ("Id" integer PRIMARY KEY, "Staff" integer, "Paid At" date DEFAULT CURRENT_DATE, net numeric(9,2), note text);
ALTER TABLE "Back Office"."Pay Slips" OWNER TO corpus_owner;

CREATE INDEX clients_name_idx ON salon.clients (lower(name)) WHERE balance >= 0::numeric;
COMMENT ON INDEX salon.clients_name_idx IS 'for the counter';
CREATE UNIQUE INDEX bookings_open_idx ON salon.bookings (client_id) INCLUDE (starts_at) WHERE state = 'requested'::salon.state;
CREATE INDEX bookings_starts_idx ON salon.bookings USING btree (starts_at DESC, ends_at) WITH (fillfactor = 90);
CREATE INDEX bookings_twice_idx ON salon.bookings ((price * 2::numeric));
CREATE INDEX visits_day_idx ON salon.visits (day);
ALTER TABLE salon.bookings CLUSTER ON bookings_starts_idx;
CREATE STATISTICS salon.bookings_together (dependencies, ndistinct) ON client_id, service_id FROM salon.bookings;
COMMENT ON STATISTICS salon.bookings_together IS 'who books what';

CREATE VIEW salon.open_bookings WITH (security_barrier = true) AS
    SELECT b.id, b.starts_at, c.name FROM salon.bookings b JOIN salon.clients c ON c.id = b.client_id WHERE b.state = 'requested'::salon.state;
COMMENT ON VIEW salon.open_bookings IS 'the list at the door';
COMMENT ON COLUMN salon.open_bookings.name IS 'as it is called out';
CREATE VIEW salon.cheap_services WITH (security_invoker = true) AS SELECT id, title, price FROM salon.services WHERE price < 20::numeric WITH CASCADED CHECK OPTION;
CREATE VIEW salon.next_booking AS SELECT min(open_bookings.starts_at) AS starts_at FROM salon.open_bookings;
CREATE MATERIALIZED VIEW salon.takings AS SELECT date_trunc('month'::text, starts_at) AS month, sum(price) AS total FROM salon.bookings GROUP BY (date_trunc('month'::text, starts_at));
CREATE UNIQUE INDEX takings_month_idx ON salon.takings (month);
COMMENT ON MATERIALIZED VIEW salon.takings IS 'by month';
CREATE RULE keep_done AS ON DELETE TO salon.bookings WHERE old.state = 'done'::salon.state DO INSTEAD NOTHING;
COMMENT ON RULE keep_done ON salon.bookings IS 'what was paid stays';
CREATE TRIGGER touch BEFORE UPDATE ON salon.clients FOR EACH ROW EXECUTE FUNCTION salon.touch();
COMMENT ON TRIGGER touch ON salon.clients IS 'time of the last change';
CREATE TRIGGER touch_when BEFORE UPDATE OF price ON salon.bookings FOR EACH ROW WHEN (new.price > 0::numeric) EXECUTE FUNCTION salon.touch();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON salon.bookings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION salon.touch();
CREATE FUNCTION salon.noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END';
CREATE EVENT TRIGGER salon_changes ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION salon.noted();
COMMENT ON EVENT TRIGGER salon_changes IS 'the log of changes';
ALTER EVENT TRIGGER salon_changes DISABLE;

ALTER TABLE salon.clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE salon.clients FORCE ROW LEVEL SECURITY;
CREATE POLICY own_clients ON salon.clients FOR SELECT TO corpus_reader USING (id < 1000);
CREATE POLICY insiders ON salon.clients AS RESTRICTIVE TO corpus_reader, corpus_writer USING (balance >= 0::numeric) WITH CHECK (balance < 9000::numeric);
COMMENT ON POLICY insiders ON salon.clients IS 'no debtors';
GRANT USAGE ON SCHEMA salon TO corpus_reader, corpus_writer;
GRANT SELECT ON salon.clients, salon.bookings TO corpus_reader;
GRANT INSERT, UPDATE ON salon.bookings TO corpus_writer;
GRANT SELECT (id, title) ON salon.services TO corpus_reader;
GRANT SELECT ON salon.open_bookings TO corpus_reader WITH GRANT OPTION;
GRANT USAGE ON SEQUENCE salon.receipts TO corpus_writer;
REVOKE EXECUTE ON FUNCTION salon.price_of(integer, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salon.price_of(integer, numeric) TO corpus_reader;
GRANT USAGE ON TYPE salon.state TO corpus_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner IN SCHEMA salon GRANT SELECT ON TABLES TO corpus_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE CAST (salon.ticket AS integer) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (salon.ticket AS integer) IS 'it is one';
CREATE FUNCTION salon.near(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs(a - b) < 5';
CREATE OPERATOR salon.=~ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = salon.near, COMMUTATOR = OPERATOR(salon.=~), RESTRICT = eqsel);
COMMENT ON OPERATOR salon.=~ (integer, integer) IS 'about the same time';
CREATE OPERATOR FAMILY salon.nearness USING btree;
COMMENT ON OPERATOR FAMILY salon.nearness USING btree IS 'of times';
CREATE OPERATOR CLASS salon.backwards FOR TYPE integer USING btree FAMILY salon.nearness AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(integer, integer);
COMMENT ON OPERATOR CLASS salon.backwards USING btree IS 'latest first';
CREATE ACCESS METHOD rows_on_paper TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD rows_on_paper IS 'a heap by another name';
CREATE LANGUAGE salon_script HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
COMMENT ON LANGUAGE salon_script IS 'plpgsql by another name';
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS 'never called';
CREATE CONVERSION salon.from_latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
COMMENT ON CONVERSION salon.from_latin IS 'of the old till';
CREATE TEXT SEARCH PARSER salon.words (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
COMMENT ON TEXT SEARCH PARSER salon.words IS 'splits notes';
CREATE TEXT SEARCH TEMPLATE salon.plainly (INIT = dsimple_init, LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE salon.plainly IS 'as they are';
CREATE TEXT SEARCH DICTIONARY salon.plain (TEMPLATE = pg_catalog.simple, accept = 'false');
COMMENT ON TEXT SEARCH DICTIONARY salon.plain IS 'no stems';
CREATE TEXT SEARCH CONFIGURATION salon.notes (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION salon.notes ADD MAPPING FOR asciiword, word WITH salon.plain, simple;
COMMENT ON TEXT SEARCH CONFIGURATION salon.notes IS 'of the notes';
CREATE FOREIGN DATA WRAPPER paper OPTIONS (tray '2');
COMMENT ON FOREIGN DATA WRAPPER paper IS 'the old card index';
CREATE SERVER head_office TYPE 'salon' VERSION '1' FOREIGN DATA WRAPPER paper OPTIONS (host 'head.example');
COMMENT ON SERVER head_office IS 'prices come from there';
CREATE USER MAPPING FOR corpus_reader SERVER head_office OPTIONS (remote 'till');
CREATE FOREIGN TABLE salon.head_prices (id integer OPTIONS (field '1'), price numeric(8,2)) SERVER head_office OPTIONS (sheet 'prices');
COMMENT ON FOREIGN TABLE salon.head_prices IS 'of all branches';
CREATE PUBLICATION salon_news FOR TABLE salon.clients (id, name), salon.bookings WHERE (price > 0::numeric) WITH (publish = 'insert, update, delete');
COMMENT ON PUBLICATION salon_news IS 'for the head office';
CREATE PUBLICATION office_news FOR TABLES IN SCHEMA "Back Office";
SELECT lo_from_bytea(7000001, '\xcafe');
COMMENT ON LARGE OBJECT 7000001 IS 'the logo';
