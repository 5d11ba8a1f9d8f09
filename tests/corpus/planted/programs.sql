-- One fault a statement, in routines, aggregates, event triggers, languages, operators and casts; read as relations.sql is.
-- The line before a statement: kind | identity | attribute, or - for a whole object | change | consequence | since
-- routine | salon.normal(text) | body | altered | wrong results
CREATE OR REPLACE FUNCTION salon.normal(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT upper(btrim(given))';
-- routine | salon.touch() | body | altered | wrong results
CREATE OR REPLACE FUNCTION salon.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := clock_timestamp(); RETURN NEW; END';
-- routine | salon.upcoming(integer) | volatility | altered | wrong results
ALTER FUNCTION salon.upcoming(integer) VOLATILE;
-- routine | salon.normal(text) | parallel | altered | performance
ALTER FUNCTION salon.normal(text) PARALLEL RESTRICTED;
-- routine | salon.normal(text) | strict | altered | wrong results
ALTER FUNCTION salon.normal(text) CALLED ON NULL INPUT;
-- routine | salon.normal(text) | leakproof | altered | exposure
ALTER FUNCTION salon.normal(text) LEAKPROOF;
-- routine | salon.touch() | security_definer | altered | exposure
ALTER FUNCTION salon.touch() SECURITY DEFINER;
-- routine | salon.price_of(integer, numeric) | security_definer | altered | wrong results
ALTER FUNCTION salon.price_of(integer, numeric) SECURITY INVOKER;
-- routine | salon.price_of(integer, numeric) | settings | altered | exposure
ALTER FUNCTION salon.price_of(integer, numeric) RESET search_path;
-- routine | salon.normal(text) | settings | altered | wrong results
ALTER FUNCTION salon.normal(text) SET work_mem = '8MB';
-- routine | salon.upcoming(integer) | cost | altered | performance
ALTER FUNCTION salon.upcoming(integer) COST 60;
-- routine | salon.upcoming(integer) | rows | altered | performance
ALTER FUNCTION salon.upcoming(integer) ROWS 20;
-- routine | salon.upcoming(integer) | support | altered | performance
ALTER FUNCTION salon.upcoming(integer) SUPPORT pg_catalog.generate_series_int4_support;
-- routine | salon.price_of(integer, numeric) | parameters | altered | wrong results
CREATE OR REPLACE FUNCTION salon.price_of(service integer, rebate numeric DEFAULT 1) RETURNS numeric LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = salon, pg_temp AS 'BEGIN RETURN 10 - rebate; END';
-- routine | salon.price_of(integer, numeric) | owner | altered | exposure
ALTER FUNCTION salon.price_of(integer, numeric) OWNER TO corpus_owner;
-- routine | salon.normal(text) | comment | altered | cosmetic
COMMENT ON FUNCTION salon.normal(text) IS 'for looking up';
-- routine | salon.tidy(integer) | - | removed | writes fail
DROP PROCEDURE salon.tidy(integer);
-- routine | salon.shorter(text, text) | - | added | cosmetic
CREATE FUNCTION salon.shorter(a text, b text) RETURNS text LANGUAGE sql AS 'SELECT least(a, b)';
-- routine | salon.normal(text, text) | - | added | wrong results
CREATE FUNCTION salon.normal(given text, fallback text DEFAULT '') RETURNS text LANGUAGE sql AS 'SELECT given';
-- aggregate | salon.longest(text) | - | removed | writes fail
DROP AGGREGATE salon.longest(text);
-- aggregate | salon.shortest(text) | - | added | cosmetic
CREATE AGGREGATE salon.shortest(text) (SFUNC = text_smaller, STYPE = text);
-- aggregate | salon.longest(text) | initcond | altered | wrong results
CREATE OR REPLACE AGGREGATE salon.longest(text) (SFUNC = salon.longer, STYPE = text, INITCOND = '-', PARALLEL = safe);
-- aggregate | salon.longest(text) | sfunc | altered | wrong results
CREATE OR REPLACE AGGREGATE salon.longest(text) (SFUNC = text_larger, STYPE = text, INITCOND = '', PARALLEL = safe);
-- aggregate | salon.longest(text) | combinefunc | altered | performance
CREATE OR REPLACE AGGREGATE salon.longest(text) (SFUNC = salon.longer, STYPE = text, INITCOND = '', COMBINEFUNC = salon.longer, PARALLEL = safe);
-- aggregate | salon.longest(text) | parallel | altered | performance
CREATE OR REPLACE AGGREGATE salon.longest(text) (SFUNC = salon.longer, STYPE = text, INITCOND = '');
-- aggregate | salon.longest(text) | owner | altered | cosmetic
ALTER AGGREGATE salon.longest(text) OWNER TO corpus_owner;
-- aggregate | salon.longest(text) | comment | altered | cosmetic
COMMENT ON AGGREGATE salon.longest(text) IS NULL;
-- event trigger | salon_changes | - | removed | wrong results
DROP EVENT TRIGGER salon_changes;
-- event trigger | salon_drops | - | added | wrong results
CREATE EVENT TRIGGER salon_drops ON sql_drop EXECUTE FUNCTION salon.noted();
-- event trigger | salon_changes | enabled | altered | wrong results
ALTER EVENT TRIGGER salon_changes ENABLE REPLICA;
-- event trigger | salon_changes | comment | altered | cosmetic
COMMENT ON EVENT TRIGGER salon_changes IS 'log of changes';
-- extension | plpgsql | comment | altered | cosmetic
COMMENT ON EXTENSION plpgsql IS 'for triggers';
-- language | salon_script | - | removed | writes fail
DROP LANGUAGE salon_script;
-- language | salon_script | trusted | altered | exposure
CREATE OR REPLACE TRUSTED LANGUAGE salon_script HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
-- language | salon_script | inline | altered | writes fail
CREATE OR REPLACE LANGUAGE salon_script HANDLER plpgsql_call_handler VALIDATOR plpgsql_validator;
-- language | salon_script | validator | altered | wrong results
CREATE OR REPLACE LANGUAGE salon_script HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler;
-- language | salon_script | owner | altered | cosmetic
ALTER LANGUAGE salon_script OWNER TO corpus_owner;
-- language | salon_script | comment | altered | cosmetic
COMMENT ON LANGUAGE salon_script IS NULL;
-- transform | integer.sql | - | removed | writes fail
DROP TRANSFORM FOR integer LANGUAGE sql;
-- transform | integer.sql | from_sql | altered | wrong results
CREATE OR REPLACE TRANSFORM FOR integer LANGUAGE sql (TO SQL WITH FUNCTION int4recv(internal));
-- transform | integer.sql | comment | altered | cosmetic
COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS NULL;
-- cast | salon.ticket as integer | - | removed | writes fail
DROP CAST (salon.ticket AS integer);
-- cast | salon.state as text | - | added | cosmetic
CREATE CAST (salon.state AS text) WITH INOUT;
-- cast | salon.ticket as integer | comment | altered | cosmetic
COMMENT ON CAST (salon.ticket AS integer) IS NULL;
-- operator | salon.=~ (integer, integer) | restrict | altered | performance
ALTER OPERATOR salon.=~ (integer, integer) SET (RESTRICT = NONE);
-- operator | salon.=~ (integer, integer) | join | altered | performance
ALTER OPERATOR salon.=~ (integer, integer) SET (JOIN = eqjoinsel);
-- operator | salon.=~ (integer, integer) | hashes | altered | performance | 17
ALTER OPERATOR salon.=~ (integer, integer) SET (HASHES);
-- operator | salon.=~ (integer, integer) | owner | altered | cosmetic
ALTER OPERATOR salon.=~ (integer, integer) OWNER TO corpus_owner;
-- operator | salon.=~ (integer, integer) | comment | altered | cosmetic
COMMENT ON OPERATOR salon.=~ (integer, integer) IS NULL;
-- operator | salon.=~ (integer, integer) | - | removed | writes fail
DROP OPERATOR salon.=~ (integer, integer);
-- operator | salon.!~~ (integer, integer) | - | added | cosmetic
CREATE OPERATOR salon.!~~ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = salon.near);
-- operator class | salon.backwards using btree | - | removed | writes fail
DROP OPERATOR CLASS salon.backwards USING btree;
-- operator class | salon.backwards using btree | owner | altered | cosmetic
ALTER OPERATOR CLASS salon.backwards USING btree OWNER TO corpus_owner;
-- operator class | salon.backwards using btree | comment | altered | cosmetic
COMMENT ON OPERATOR CLASS salon.backwards USING btree IS NULL;
-- operator family | salon.nearness using btree | members | altered | performance
ALTER OPERATOR FAMILY salon.nearness USING btree ADD OPERATOR 1 > (bigint, bigint);
-- operator family | salon.nearness using btree | owner | altered | cosmetic
ALTER OPERATOR FAMILY salon.nearness USING btree OWNER TO corpus_owner;
-- operator family | salon.nearness using btree | comment | altered | cosmetic
COMMENT ON OPERATOR FAMILY salon.nearness USING btree IS NULL;
-- operator family | salon.farness using hash | - | added | cosmetic
CREATE OPERATOR FAMILY salon.farness USING hash;
-- access method | rows_on_paper | - | removed | writes fail
DROP ACCESS METHOD rows_on_paper;
-- access method | rows_on_stone | - | added | cosmetic
CREATE ACCESS METHOD rows_on_stone TYPE TABLE HANDLER heap_tableam_handler;
-- access method | rows_on_paper | comment | altered | cosmetic
COMMENT ON ACCESS METHOD rows_on_paper IS NULL;
