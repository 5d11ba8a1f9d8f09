-- One fault a statement, in privileges, settings, replication and what lies outside the database; read as relations.sql is.
-- The line before a statement: kind | identity | attribute, or - for a whole object | change | consequence | since
-- privilege | table salon.clients corpus_reader SELECT | - | removed | writes fail
REVOKE SELECT ON salon.clients FROM corpus_reader;
-- privilege | table salon.clients corpus_reader DELETE | - | added | exposure
GRANT DELETE ON salon.clients TO corpus_reader;
-- privilege | view salon.open_bookings corpus_reader SELECT | with_grant_option | altered | writes fail
REVOKE GRANT OPTION FOR SELECT ON salon.open_bookings FROM corpus_reader;
-- privilege | table salon.clients corpus_reader SELECT | with_grant_option | altered | exposure
GRANT SELECT ON salon.clients TO corpus_reader WITH GRANT OPTION;
-- privilege | column salon.services.title corpus_reader SELECT | - | removed | writes fail
REVOKE SELECT (title) ON salon.services FROM corpus_reader;
-- privilege | column salon.services.price corpus_reader SELECT | - | added | exposure
GRANT SELECT (price) ON salon.services TO corpus_reader;
-- privilege | sequence salon.receipts corpus_writer USAGE | - | removed | writes fail
REVOKE USAGE ON SEQUENCE salon.receipts FROM corpus_writer;
-- privilege | schema salon corpus_writer CREATE | - | added | exposure
GRANT CREATE ON SCHEMA salon TO corpus_writer;
-- privilege | schema salon corpus_reader USAGE | - | removed | writes fail
REVOKE USAGE ON SCHEMA salon FROM corpus_reader;
-- privilege | routine salon.price_of(integer, numeric) PUBLIC EXECUTE | - | added | exposure
GRANT EXECUTE ON FUNCTION salon.price_of(integer, numeric) TO PUBLIC;
-- privilege | routine salon.normal(text) PUBLIC EXECUTE | - | removed | writes fail
REVOKE EXECUTE ON FUNCTION salon.normal(text) FROM PUBLIC;
-- privilege | routine salon.price_of(integer, numeric) corpus_reader EXECUTE | - | removed | writes fail
REVOKE EXECUTE ON FUNCTION salon.price_of(integer, numeric) FROM corpus_reader;
-- privilege | enum salon.state corpus_reader USAGE | - | removed | cosmetic
REVOKE USAGE ON TYPE salon.state FROM corpus_reader;
-- privilege | large object 7000001 corpus_reader SELECT | - | added | exposure
GRANT SELECT ON LARGE OBJECT 7000001 TO corpus_reader;
-- privilege | foreign server head_office corpus_reader USAGE | - | added | exposure
GRANT USAGE ON FOREIGN SERVER head_office TO corpus_reader;
-- privilege | database - corpus_writer CREATE | - | removed | writes fail
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM corpus_writer', current_database()); END $$;
-- default privilege | corpus_owner salon tables corpus_reader SELECT | - | removed | writes fail
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner IN SCHEMA salon REVOKE SELECT ON TABLES FROM corpus_reader;
-- default privilege | corpus_owner salon tables corpus_writer INSERT | - | added | exposure
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner IN SCHEMA salon GRANT INSERT ON TABLES TO corpus_writer;
-- default privilege | corpus_owner salon tables corpus_reader SELECT | with_grant_option | altered | exposure
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner IN SCHEMA salon GRANT SELECT ON TABLES TO corpus_reader WITH GRANT OPTION;
-- database setting | TimeZone | value | altered | wrong results
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''UTC''', current_database()); END $$;
-- database setting | lock_timeout | - | added | writes fail
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''2s''', current_database()); END $$;
-- role setting | statement_timeout of role corpus_reader | - | removed | performance
DO $$ BEGIN EXECUTE format('ALTER ROLE corpus_reader IN DATABASE %I RESET statement_timeout', current_database()); END $$;
-- role setting | work_mem of role corpus_writer | - | added | cosmetic
DO $$ BEGIN EXECUTE format('ALTER ROLE corpus_writer IN DATABASE %I SET work_mem = ''64MB''', current_database()); END $$;
-- database | - | comment | altered | cosmetic
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''salon at the river''', current_database()); END $$;
-- database | - | connection_limit | altered | writes fail
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 90', current_database()); END $$;
-- large object | 7000001 | comment | altered | cosmetic
COMMENT ON LARGE OBJECT 7000001 IS NULL;
-- large object | 7000001 | owner | altered | writes fail
ALTER LARGE OBJECT 7000001 OWNER TO corpus_owner;
-- large object | 7000001 | content | altered | data loss
SELECT lo_put(7000001, 0, '\xbabe');
-- large object | 7000001 | - | removed | data loss
SELECT lo_unlink(7000001);
-- foreign data wrapper | paper | options | altered | wrong results
ALTER FOREIGN DATA WRAPPER paper OPTIONS (SET tray '3');
-- foreign data wrapper | paper | comment | altered | cosmetic
COMMENT ON FOREIGN DATA WRAPPER paper IS NULL;
-- foreign data wrapper | paper | validator | altered | wrong results
ALTER FOREIGN DATA WRAPPER paper VALIDATOR pg_catalog.postgresql_fdw_validator;
-- foreign data wrapper | cards | - | added | cosmetic
CREATE FOREIGN DATA WRAPPER cards;
-- foreign server | head_office | version | altered | wrong results
ALTER SERVER head_office VERSION '2';
-- foreign server | head_office | options | altered | wrong results
ALTER SERVER head_office OPTIONS (SET host 'other.example');
-- foreign server | head_office | comment | altered | cosmetic
COMMENT ON SERVER head_office IS NULL;
-- foreign server | branch | - | added | cosmetic
CREATE SERVER branch FOREIGN DATA WRAPPER paper;
-- user mapping | corpus_reader on head_office | options | altered | wrong results
ALTER USER MAPPING FOR corpus_reader SERVER head_office OPTIONS (SET remote 'counter');
-- user mapping | corpus_reader on head_office | - | removed | writes fail
DROP USER MAPPING FOR corpus_reader SERVER head_office;
-- user mapping | PUBLIC on head_office | - | added | exposure
CREATE USER MAPPING FOR PUBLIC SERVER head_office;
-- foreign table | salon.head_prices | options | altered | wrong results
ALTER FOREIGN TABLE salon.head_prices OPTIONS (SET sheet 'rates');
-- foreign table | salon.head_prices | comment | altered | cosmetic
COMMENT ON FOREIGN TABLE salon.head_prices IS NULL;
-- foreign table | salon.head_prices | - | removed | writes fail
DROP FOREIGN TABLE salon.head_prices;
-- publication | salon_news | - | removed | wrong results
DROP PUBLICATION salon_news;
-- publication | salon_news | publish | altered | wrong results
ALTER PUBLICATION salon_news SET (publish = 'insert, update');
-- publication | salon_news | publish_via_partition_root | altered | wrong results
ALTER PUBLICATION salon_news SET (publish_via_partition_root = true);
-- publication | salon_news | tables | altered | exposure
ALTER PUBLICATION salon_news ADD TABLE salon.services;
-- publication | salon_news | columns | altered | exposure
ALTER PUBLICATION salon_news SET TABLE salon.clients (id, name, phone), salon.bookings WHERE (price > 0);
-- publication | salon_news | row_filter | altered | exposure
ALTER PUBLICATION salon_news SET TABLE salon.clients (id, name), salon.bookings WHERE (price > 10);
-- publication | office_news | schemas | altered | exposure
ALTER PUBLICATION office_news ADD TABLES IN SCHEMA public;
-- publication | salon_news | comment | altered | cosmetic
COMMENT ON PUBLICATION salon_news IS NULL;
-- publication | salon_news | owner | altered | cosmetic
ALTER PUBLICATION salon_news OWNER TO corpus_writer;
-- subscription | from_head_office | publication | altered | wrong results
ALTER SUBSCRIPTION from_head_office SET PUBLICATION rate_changes WITH (refresh = false);
-- subscription | from_head_office | connection | altered | wrong results
ALTER SUBSCRIPTION from_head_office CONNECTION 'host=203.0.113.8 dbname=salon';
-- subscription | from_head_office | binary | altered | performance
ALTER SUBSCRIPTION from_head_office SET (binary = true);
-- subscription | from_head_office | synchronous_commit | altered | wrong results
ALTER SUBSCRIPTION from_head_office SET (synchronous_commit = local);
-- subscription | from_head_office | disable_on_error | altered | wrong results
ALTER SUBSCRIPTION from_head_office SET (disable_on_error = true);
-- subscription | from_head_office | comment | altered | cosmetic
COMMENT ON SUBSCRIPTION from_head_office IS 'prices';
-- subscription | from_head_office | - | removed | wrong results
DROP SUBSCRIPTION from_head_office;
