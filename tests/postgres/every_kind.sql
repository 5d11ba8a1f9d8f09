-- A schema with at least one object of every modelled kind, and names, options and orders that are easy to get wrong.
-- PostgreSQL 14 and later.
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'it''s "fine"');
COMMENT ON TYPE shop.mood IS 'moods';
CREATE SEQUENCE shop.ticket AS integer INCREMENT BY 5 MINVALUE 5 MAXVALUE 100000 START WITH 10 CACHE 3 CYCLE;
CREATE FUNCTION shop.next_code() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'c' || nextval('shop.ticket')::text $$;
CREATE FUNCTION shop.double(x integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN x * 2;
CREATE FUNCTION shop.block(a integer, OUT b integer, OUT c text) LANGUAGE sql BEGIN ATOMIC SELECT a, 'x'::text; END;
CREATE PROCEDURE shop.tidy(IN days integer DEFAULT 7) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM shop."Order" WHERE false; END $$;
CREATE TABLE shop.customer (
  id bigserial PRIMARY KEY,
  "Name" text COLLATE "C" NOT NULL,
  mood shop.mood DEFAULT 'ok',
  moods shop.mood[] DEFAULT '{}',
  code text DEFAULT shop.next_code(),
  n integer DEFAULT 1 CHECK (shop.double(n) > 0),
  twice integer GENERATED ALWAYS AS (n * 2) STORED,
  amount numeric(10,2) NOT NULL DEFAULT 0.00,
  v varchar(20) CHECK (v IN ('a','b')),
  period tstzrange,
  CONSTRAINT "odd name" UNIQUE (code, "Name") DEFERRABLE INITIALLY DEFERRED,
  EXCLUDE USING gist (period WITH &&)
) WITH (fillfactor=70, autovacuum_enabled=false);
COMMENT ON CONSTRAINT "odd name" ON shop.customer IS 'odd';
CREATE TABLE shop."Order" (
  id integer GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10) PRIMARY KEY,
  customer bigint REFERENCES shop.customer ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE,
  parent integer REFERENCES shop."Order" (id),
  at timestamptz DEFAULT now(),
  status text NOT NULL DEFAULT 'new'
);
ALTER TABLE shop.customer ADD COLUMN last_order integer REFERENCES shop."Order" (id);
ALTER TABLE shop."Order" ADD CONSTRAINT late CHECK (at > '2000-01-01') NOT VALID;
CREATE UNIQUE INDEX "Order one open" ON shop."Order" (customer, lower(status) DESC NULLS LAST) INCLUDE (at) WHERE status <> 'done';
CREATE INDEX ON shop."Order" USING brin (at) WITH (pages_per_range=16);
CREATE INDEX ON shop."Order" USING hash (status);
COMMENT ON INDEX shop."Order one open" IS 'one';
CREATE UNLOGGED TABLE shop.cache (k text PRIMARY KEY, v jsonb);
ALTER TABLE shop.cache REPLICA IDENTITY FULL;
CREATE TABLE shop.noted (a integer NOT NULL, b text, CONSTRAINT noted_a_key UNIQUE (a));
ALTER TABLE shop.noted REPLICA IDENTITY USING INDEX noted_a_key;
CREATE TABLE shop.event (id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'x', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.event_2024 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.event_rest PARTITION OF shop.event DEFAULT;
CREATE INDEX event_kind ON shop.event (kind);
CREATE TABLE shop.base (id integer PRIMARY KEY, note text);
CREATE TABLE shop.derived (extra text CHECK (extra <> '')) INHERITS (shop.base);
CREATE VIEW shop.open_orders WITH (security_barrier=true) AS SELECT o.id, o.customer, c."Name" AS who FROM shop."Order" o LEFT JOIN shop.customer c ON c.id = o.customer WHERE o.status <> 'done';
CREATE VIEW shop.open_count AS SELECT count(*) AS n, max(who) AS w FROM shop.open_orders;
CREATE VIEW shop.checked AS SELECT * FROM shop.noted WHERE a > 0 WITH CASCADED CHECK OPTION;
CREATE MATERIALIZED VIEW shop.totals AS SELECT customer, count(*) AS n FROM shop."Order" GROUP BY customer;
CREATE UNIQUE INDEX totals_customer ON shop.totals (customer);
COMMENT ON MATERIALIZED VIEW shop.totals IS 'totals';
COMMENT ON VIEW shop.open_orders IS 'open';
CREATE FUNCTION shop.open_of(c bigint) RETURNS SETOF shop.open_orders LANGUAGE sql STABLE SECURITY DEFINER SET search_path = shop, pg_temp AS $$ SELECT * FROM open_orders WHERE customer = c $$;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "Touch it" BEFORE INSERT OR UPDATE OF status ON shop."Order" FOR EACH ROW WHEN (NEW.status IS NOT NULL) EXECUTE FUNCTION shop.touch('a');
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON shop.customer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.customer ENABLE ALWAYS TRIGGER later;
CREATE TRIGGER instead INSTEAD OF INSERT ON shop.open_orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER part AFTER INSERT ON shop.event FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.customer FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON shop.customer FOR SELECT USING (true);
CREATE POLICY narrow ON shop.customer AS RESTRICTIVE FOR UPDATE TO public USING (n > 0) WITH CHECK (n > 1);
COMMENT ON POLICY narrow ON shop.customer IS 'p';
