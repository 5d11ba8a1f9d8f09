-- One fault a statement, in constraints, indexes, triggers, rules, policies and statistics; read as relations.sql is.
-- The line before a statement: kind | identity | attribute, or - for a whole object | change | consequence | since
-- constraint | "Back Office"."Pay Slips"."Pay Slips_pkey" | - | removed | writes fail
ALTER TABLE "Back Office"."Pay Slips" DROP CONSTRAINT "Pay Slips_pkey";
-- constraint | salon.clients.clients_phone_key | - | removed | writes fail
ALTER TABLE salon.clients DROP CONSTRAINT clients_phone_key;
-- constraint | salon.bookings.bookings_slot_key | - | removed | wrong results
ALTER TABLE salon.bookings DROP CONSTRAINT bookings_slot_key;
-- constraint | salon.bookings.bookings_order_check | - | removed | wrong results
ALTER TABLE salon.bookings DROP CONSTRAINT bookings_order_check;
-- constraint | salon.bookings.bookings_client_fkey | - | removed | wrong results
ALTER TABLE salon.bookings DROP CONSTRAINT bookings_client_fkey;
-- constraint | salon.services.services_minutes_excl | - | removed | wrong results
ALTER TABLE salon.services DROP CONSTRAINT services_minutes_excl;
-- constraint | salon.services.services_title_check | - | added | writes fail
ALTER TABLE salon.services ADD CONSTRAINT services_title_check CHECK (title <> '');
-- constraint | salon.services.services_title_key | - | added | writes fail
ALTER TABLE salon.services ADD CONSTRAINT services_title_key UNIQUE (title);
-- constraint | salon.cart.cart_client_fkey | - | added | writes fail
ALTER TABLE salon.cart ADD CONSTRAINT cart_client_fkey FOREIGN KEY (client_id) REFERENCES salon.clients;
-- constraint | salon.bookings.bookings_price_check | validated | altered | data loss
ALTER TABLE salon.bookings VALIDATE CONSTRAINT bookings_price_check;
-- constraint | salon.bookings.bookings_service_fkey | deferrable | altered | writes fail
ALTER TABLE salon.bookings ALTER CONSTRAINT bookings_service_fkey NOT DEFERRABLE;
-- constraint | salon.bookings.bookings_client_fkey | deferrable | altered | cosmetic
ALTER TABLE salon.bookings ALTER CONSTRAINT bookings_client_fkey DEFERRABLE;
-- constraint | salon.bookings.bookings_service_fkey | deferred | altered | wrong results
ALTER TABLE salon.bookings ALTER CONSTRAINT bookings_service_fkey DEFERRABLE INITIALLY DEFERRED;
-- constraint | salon.bookings.bookings_service_fkey | enforced | altered | wrong results | 18
ALTER TABLE salon.bookings ALTER CONSTRAINT bookings_service_fkey DEFERRABLE NOT ENFORCED;
-- constraint | salon.clients.clients_balance_check | comment | altered | cosmetic
COMMENT ON CONSTRAINT clients_balance_check ON salon.clients IS 'no credit beyond';
-- constraint | salon.clients.clients_balance_check | name | altered | cosmetic
ALTER TABLE salon.clients RENAME CONSTRAINT clients_balance_check TO "not too deep";
-- constraint | salon.clients.clients_phone_key | name | altered | cosmetic
ALTER INDEX salon.clients_phone_key RENAME TO clients_phone_unique;
-- constraint | salon.clients.clients_phone_key | options | altered | performance
ALTER INDEX salon.clients_phone_key SET (fillfactor = 60);
-- constraint | salon.bookings.bookings_client_fkey | definition | altered | writes fail
ALTER TABLE salon.bookings DROP CONSTRAINT bookings_client_fkey, ADD CONSTRAINT bookings_client_fkey FOREIGN KEY (client_id) REFERENCES salon.clients (id);
-- constraint | salon.bookings.bookings_order_check | definition | altered | wrong results
ALTER TABLE salon.bookings DROP CONSTRAINT bookings_order_check, ADD CONSTRAINT bookings_order_check CHECK (ends_at >= starts_at);
-- constraint | salon.services.services_price_check | definition | altered | writes fail
ALTER TABLE salon.services DROP CONSTRAINT services_price_check, ADD CONSTRAINT services_price_check CHECK (price < 800);
-- index | salon.clients.clients_name_idx | - | removed | performance
DROP INDEX salon.clients_name_idx;
-- index | salon.bookings.bookings_open_idx | - | removed | writes fail
DROP INDEX salon.bookings_open_idx;
-- index | salon.visits.visits_day_idx | - | removed | performance
DROP INDEX salon.visits_day_idx;
-- index | salon.clients.clients_born_idx | - | added | cosmetic
CREATE INDEX clients_born_idx ON salon.clients (born);
-- index | salon.services.services_title_idx | - | added | writes fail
CREATE UNIQUE INDEX services_title_idx ON salon.services (title);
-- index | salon.clients.clients_name_idx | comment | altered | cosmetic
COMMENT ON INDEX salon.clients_name_idx IS NULL;
-- index | salon.bookings.bookings_starts_idx | name | altered | cosmetic
ALTER INDEX salon.bookings_starts_idx RENAME TO "Bookings by time";
-- index | salon.bookings.bookings_starts_idx | definition | altered | performance
ALTER INDEX salon.bookings_starts_idx SET (fillfactor = 80);
-- index | salon.bookings.bookings_twice_idx | statistics | altered | performance
ALTER INDEX salon.bookings_twice_idx ALTER COLUMN 1 SET STATISTICS 300;
-- index | salon.bookings.bookings_starts_idx | clustered | altered | performance
ALTER TABLE salon.bookings SET WITHOUT CLUSTER;
-- index | salon.bookings.bookings_open_idx | valid | altered | writes fail
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'salon.bookings_open_idx'::regclass;
-- index | salon.clients.clients_name_idx | valid | altered | performance
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'salon.clients_name_idx'::regclass;
-- index | salon.takings.takings_month_idx | - | removed | writes fail
DROP INDEX salon.takings_month_idx;
-- trigger | salon.clients.touch | - | removed | wrong results
DROP TRIGGER touch ON salon.clients;
-- trigger | salon.services.touch | - | added | wrong results
CREATE TRIGGER touch BEFORE INSERT ON salon.services FOR EACH ROW EXECUTE FUNCTION salon.touch();
-- trigger | salon.clients.touch | definition | altered | wrong results
CREATE OR REPLACE TRIGGER touch BEFORE INSERT OR UPDATE ON salon.clients FOR EACH ROW EXECUTE FUNCTION salon.touch();
-- trigger | salon.bookings.touch_when | definition | altered | wrong results
CREATE OR REPLACE TRIGGER touch_when BEFORE UPDATE OF price ON salon.bookings FOR EACH ROW WHEN (new.price > 1) EXECUTE FUNCTION salon.touch();
-- trigger | salon.clients.touch | enabled | altered | wrong results
ALTER TABLE salon.clients DISABLE TRIGGER touch;
-- trigger | salon.bookings.late | enabled | altered | wrong results
ALTER TABLE salon.bookings ENABLE ALWAYS TRIGGER late;
-- trigger | salon.clients.touch | comment | altered | cosmetic
COMMENT ON TRIGGER touch ON salon.clients IS 'time of change';
-- trigger | salon.clients.touch | name | altered | cosmetic
ALTER TRIGGER touch ON salon.clients RENAME TO touched;
-- trigger | salon.bookings.touch_when | name | altered | wrong results
ALTER TRIGGER touch_when ON salon.bookings RENAME TO a_touch;
-- rule | salon.bookings.keep_done | - | removed | wrong results
DROP RULE keep_done ON salon.bookings;
-- rule | salon.cart.no_change | - | added | wrong results
CREATE RULE no_change AS ON UPDATE TO salon.cart DO INSTEAD NOTHING;
-- rule | salon.bookings.keep_done | definition | altered | wrong results
CREATE OR REPLACE RULE keep_done AS ON DELETE TO salon.bookings WHERE old.state = 'confirmed' DO INSTEAD NOTHING;
-- rule | salon.bookings.keep_done | enabled | altered | wrong results
ALTER TABLE salon.bookings DISABLE RULE keep_done;
-- rule | salon.bookings.keep_done | comment | altered | cosmetic
COMMENT ON RULE keep_done ON salon.bookings IS NULL;
-- policy | salon.clients.own_clients | - | removed | wrong results
DROP POLICY own_clients ON salon.clients;
-- policy | salon.clients.insiders | - | removed | exposure
DROP POLICY insiders ON salon.clients;
-- policy | salon.clients.everyone | - | added | exposure
CREATE POLICY everyone ON salon.clients FOR SELECT USING (true);
-- policy | salon.clients.own_clients | using | altered | exposure
ALTER POLICY own_clients ON salon.clients USING (id < 2000);
-- policy | salon.clients.insiders | check | altered | exposure
ALTER POLICY insiders ON salon.clients WITH CHECK (balance < 8000);
-- policy | salon.clients.own_clients | roles | altered | exposure
ALTER POLICY own_clients ON salon.clients TO PUBLIC;
-- policy | salon.clients.insiders | roles | altered | exposure
ALTER POLICY insiders ON salon.clients TO corpus_reader;
-- policy | salon.clients.insiders | comment | altered | cosmetic
COMMENT ON POLICY insiders ON salon.clients IS 'no debtor';
-- statistics object | salon.bookings_together | - | removed | performance
DROP STATISTICS salon.bookings_together;
-- statistics object | salon.bookings_prices | - | added | cosmetic
CREATE STATISTICS salon.bookings_prices (mcv) ON price, service_id FROM salon.bookings;
-- statistics object | salon.bookings_together | statistics | altered | performance
ALTER STATISTICS salon.bookings_together SET STATISTICS 400;
-- statistics object | salon.bookings_together | owner | altered | cosmetic
ALTER STATISTICS salon.bookings_together OWNER TO corpus_owner;
-- statistics object | salon.bookings_together | comment | altered | cosmetic
COMMENT ON STATISTICS salon.bookings_together IS NULL;
