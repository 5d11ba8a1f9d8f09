-- One fault a statement, in tables, columns, sequences and views; the line before it says what a comparison has to find:
-- kind | identity | attribute, or - for a whole object | change | consequence | major version since, where it is later
-- schema | salon | comment | altered | cosmetic
COMMENT ON SCHEMA salon IS 'what the till reads';
-- schema | "Back Office" | owner | altered | writes fail
ALTER SCHEMA "Back Office" OWNER TO corpus_writer;
-- schema | attic | - | added | cosmetic
CREATE SCHEMA attic;
-- table | salon.clients | comment | altered | cosmetic
COMMENT ON TABLE salon.clients IS 'people who came';
-- table | salon.people | owner | altered | writes fail
ALTER TABLE salon.people OWNER TO corpus_writer;
-- table | salon.clients | owner | altered | writes fail
ALTER TABLE salon.clients OWNER TO corpus_writer;
-- table | salon.trainees | persistence | altered | data loss
ALTER TABLE salon.trainees SET UNLOGGED;
-- table | salon.cart | persistence | altered | performance
ALTER TABLE salon.cart SET LOGGED;
-- table | salon.cart | access_method | altered | performance
ALTER TABLE salon.cart SET ACCESS METHOD rows_on_paper;
-- table | salon.addresses | of | altered | cosmetic
ALTER TABLE salon.addresses NOT OF;
-- table | salon.logins_2025 | partition_of | altered | writes fail
ALTER TABLE salon.logins DETACH PARTITION salon.logins_2025;
-- table | salon.trainees | inherits | altered | wrong results
ALTER TABLE salon.trainees NO INHERIT salon.people;
-- table | salon.clients | row_security | altered | exposure
ALTER TABLE salon.clients DISABLE ROW LEVEL SECURITY;
-- table | salon.bookings | row_security | altered | writes fail
ALTER TABLE salon.bookings ENABLE ROW LEVEL SECURITY;
-- table | salon.clients | force_row_security | altered | exposure
ALTER TABLE salon.clients NO FORCE ROW LEVEL SECURITY;
-- table | salon.cart | replica_identity | altered | cosmetic
ALTER TABLE salon.cart REPLICA IDENTITY DEFAULT;
-- table | salon.bookings | replica_identity | altered | writes fail
ALTER TABLE salon.bookings REPLICA IDENTITY NOTHING;
-- table | salon.clients | options | altered | performance
ALTER TABLE salon.clients SET (fillfactor = 70);
-- table | salon.cart | options | altered | performance
ALTER TABLE salon.cart SET (autovacuum_enabled = false);
-- table | salon.reminders | - | added | cosmetic
CREATE TABLE salon.reminders (id integer PRIMARY KEY, booking_id bigint REFERENCES salon.bookings, at timestamp with time zone);
-- table | "Back Office"."Pay Slips" | - | removed | data loss
DROP TABLE "Back Office"."Pay Slips";
-- table | salon.visits_2026 | - | added | cosmetic
CREATE TABLE salon.visits_2026 PARTITION OF salon.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- table | salon.visits_rest | - | removed | data loss
DROP TABLE salon.visits_rest;
-- column | salon.visits.paid | type | altered | data loss
ALTER TABLE salon.visits ALTER COLUMN paid TYPE numeric(6,2);
-- column | salon.clients.born | - | removed | data loss
ALTER TABLE salon.clients DROP COLUMN born;
-- column | salon.clients.nickname | - | added | cosmetic
ALTER TABLE salon.clients ADD COLUMN nickname text;
-- column | salon.cart.bought | - | added | writes fail
ALTER TABLE salon.cart ADD COLUMN bought boolean NOT NULL;
-- column | salon.visits.paid | type | altered | cosmetic
ALTER TABLE salon.visits ALTER COLUMN paid TYPE numeric(10,2);
-- column | salon.head_prices.price | type | altered | data loss
ALTER FOREIGN TABLE salon.head_prices ALTER COLUMN price TYPE numeric(7,1);
-- column | salon.cart.client_id | type | altered | cosmetic
ALTER TABLE salon.cart ALTER COLUMN client_id TYPE bigint;
-- column | salon.bookings.updated_at | type | altered | wrong results
ALTER TABLE salon.bookings ALTER COLUMN updated_at TYPE timestamp without time zone;
-- column | salon.clients.name | not_null | altered | wrong results
ALTER TABLE salon.clients ALTER COLUMN name DROP NOT NULL;
-- column | salon.bookings.ends_at | not_null | altered | writes fail
ALTER TABLE salon.bookings ALTER COLUMN ends_at SET NOT NULL;
-- column | salon.clients.name | not_null_name | altered | cosmetic | 18
ALTER TABLE salon.clients RENAME CONSTRAINT clients_name_not_null TO "has a name";
-- column | salon.clients.balance | default | altered | writes fail
ALTER TABLE salon.clients ALTER COLUMN balance DROP DEFAULT;
-- column | salon.clients.mail | default | altered | wrong results
ALTER TABLE salon.clients ALTER COLUMN mail SET DEFAULT 'nobody';
-- column | salon.bookings.price | default | altered | wrong results
ALTER TABLE salon.bookings ALTER COLUMN price SET DEFAULT 1;
-- column | salon.clients.updated_at | default | altered | wrong results
ALTER TABLE salon.clients ALTER COLUMN updated_at SET DEFAULT clock_timestamp();
-- column | salon.clients.search | generated | altered | wrong results | 17
ALTER TABLE salon.clients ALTER COLUMN search SET EXPRESSION AS (salon.normal(mail || '.'));
-- column | salon.clients.id | identity_kind | altered | cosmetic
ALTER TABLE salon.clients ALTER COLUMN id SET GENERATED BY DEFAULT;
-- column | "Back Office"."Pay Slips".note | collation | altered | wrong results
ALTER TABLE "Back Office"."Pay Slips" ALTER COLUMN note TYPE text COLLATE salon.by_byte;
-- column | salon.clients.notes | storage | altered | performance
ALTER TABLE salon.clients ALTER COLUMN notes SET STORAGE extended;
-- column | salon.clients.mail | storage | altered | writes fail
ALTER TABLE salon.clients ALTER COLUMN mail SET STORAGE plain;
-- column | salon.clients.notes | compression | altered | performance
ALTER TABLE salon.clients ALTER COLUMN notes SET COMPRESSION pglz;
-- column | salon.clients.mail | statistics | altered | performance
ALTER TABLE salon.clients ALTER COLUMN mail SET STATISTICS 100;
-- column | salon.clients.born | options | altered | performance
ALTER TABLE salon.clients ALTER COLUMN born SET (n_distinct = 400);
-- column | salon.clients.phone | comment | altered | cosmetic
COMMENT ON COLUMN salon.clients.phone IS NULL;
-- column | salon.head_prices.id | options | altered | wrong results
ALTER FOREIGN TABLE salon.head_prices ALTER COLUMN id OPTIONS (SET field '2');
-- sequence | salon.receipts | type | altered | cosmetic
ALTER SEQUENCE salon.receipts AS bigint;
-- sequence | salon.receipts | start | altered | cosmetic
ALTER SEQUENCE salon.receipts START WITH 101;
-- sequence | salon.receipts | increment | altered | wrong results
ALTER SEQUENCE salon.receipts INCREMENT BY 2;
-- sequence | salon.receipts | minimum | altered | wrong results
ALTER SEQUENCE salon.receipts MINVALUE 50;
-- sequence | salon.receipts | maximum | altered | writes fail
ALTER SEQUENCE salon.receipts MAXVALUE 400000;
-- sequence | salon.receipts | cycle | altered | wrong results
ALTER SEQUENCE salon.receipts CYCLE;
-- sequence | salon.receipts | cache | altered | cosmetic
ALTER SEQUENCE salon.receipts CACHE 1;
-- sequence | salon.voucher_numbers | owned_by | altered | cosmetic
ALTER SEQUENCE salon.voucher_numbers OWNED BY NONE;
-- sequence | salon.receipts | persistence | altered | writes fail
ALTER SEQUENCE salon.receipts SET UNLOGGED;
-- sequence | salon.receipts | comment | altered | cosmetic
COMMENT ON SEQUENCE salon.receipts IS 'one a day';
-- sequence | salon.receipts | owner | altered | writes fail
ALTER SEQUENCE salon.receipts OWNER TO corpus_owner;
-- sequence | salon.receipts | - | removed | writes fail
DROP SEQUENCE salon.receipts;
-- sequence | salon.clients_id_seq | increment | altered | wrong results
ALTER TABLE salon.clients ALTER COLUMN id SET INCREMENT BY 10;
-- view | salon.next_booking | definition | altered | wrong results
CREATE OR REPLACE VIEW salon.next_booking AS SELECT max(starts_at) AS starts_at FROM salon.open_bookings;
-- view | salon.open_bookings | options | altered | exposure
ALTER VIEW salon.open_bookings RESET (security_barrier);
-- view | salon.cheap_services | options | altered | exposure
ALTER VIEW salon.cheap_services SET (security_invoker = false);
-- view | salon.cheap_services | options | altered | wrong results
ALTER VIEW salon.cheap_services RESET (check_option);
-- view | salon.next_booking | options | altered | wrong results
ALTER VIEW salon.next_booking SET (security_invoker = true);
-- view | salon.next_booking | owner | altered | exposure
ALTER VIEW salon.next_booking OWNER TO corpus_owner;
-- view | salon.open_bookings | comment | altered | cosmetic
COMMENT ON VIEW salon.open_bookings IS 'the list at the till';
-- view | salon.next_booking | - | removed | writes fail
DROP VIEW salon.next_booking;
-- view | salon.last_booking | - | added | cosmetic
CREATE VIEW salon.last_booking AS SELECT max(starts_at) AS starts_at FROM salon.open_bookings;
-- column | salon.open_bookings.name | comment | altered | cosmetic
COMMENT ON COLUMN salon.open_bookings.name IS 'as it is spelt';
-- column | salon.cheap_services.price | default | altered | wrong results
ALTER VIEW salon.cheap_services ALTER COLUMN price SET DEFAULT 5;
-- view | salon.takings | populated | altered | writes fail
REFRESH MATERIALIZED VIEW salon.takings WITH NO DATA;
-- view | salon.takings | options | altered | performance
ALTER MATERIALIZED VIEW salon.takings SET (fillfactor = 50);
-- view | salon.takings | access_method | altered | performance
ALTER MATERIALIZED VIEW salon.takings SET ACCESS METHOD rows_on_paper;
-- view | salon.takings | comment | altered | cosmetic
COMMENT ON MATERIALIZED VIEW salon.takings IS 'by the month';
-- column | salon.takings.total | statistics | altered | performance
ALTER MATERIALIZED VIEW salon.takings ALTER COLUMN total SET STATISTICS 7;
