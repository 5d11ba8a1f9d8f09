-- One fault a statement, in types, collations, conversions and text search; read as relations.sql is.
-- The line before a statement: kind | identity | attribute, or - for a whole object | change | consequence | since
-- enum | salon.state | labels | altered | cosmetic
ALTER TYPE salon.state ADD VALUE 'paid';
-- enum | salon.state | labels | altered | data loss
ALTER TYPE salon.state RENAME VALUE 'confirmed' TO 'agreed';
-- enum | salon.state | comment | altered | cosmetic
COMMENT ON TYPE salon.state IS 'of bookings';
-- enum | salon.state | owner | altered | cosmetic
ALTER TYPE salon.state OWNER TO corpus_owner;
-- enum | salon.mood | - | added | cosmetic
CREATE TYPE salon.mood AS ENUM ('glad');
-- domain | salon.phone | default | altered | wrong results
ALTER DOMAIN salon.phone SET DEFAULT '0';
-- domain | salon.phone | default | altered | wrong results
ALTER DOMAIN salon.phone DROP DEFAULT;
-- domain | salon.percent | not_null | altered | writes fail
ALTER DOMAIN salon.percent SET NOT NULL;
-- domain | salon.percent | check | altered | wrong results
ALTER DOMAIN salon.percent DROP CONSTRAINT percent_low;
-- domain | salon.percent | check | altered | writes fail
ALTER DOMAIN salon.percent ADD CONSTRAINT percent_high CHECK (VALUE <= 100);
-- domain | salon.percent | check | altered | cosmetic
ALTER DOMAIN salon.percent RENAME CONSTRAINT percent_low TO "not below";
-- domain | salon.phone | owner | altered | cosmetic
ALTER DOMAIN salon.phone OWNER TO corpus_owner;
-- domain | salon.phone | comment | altered | cosmetic
COMMENT ON DOMAIN salon.phone IS 'only digits';
-- domain constraint | salon.phone.phone_digits | comment | altered | cosmetic
COMMENT ON CONSTRAINT phone_digits ON DOMAIN salon.phone IS NULL;
-- domain | salon.email | - | added | cosmetic
CREATE DOMAIN salon.email AS text;
-- composite type | salon.measures | - | added | cosmetic
CREATE TYPE salon.measures AS (width integer, height integer);
-- composite type | salon.address | comment | altered | cosmetic
COMMENT ON TYPE salon.address IS 'where somebody lives';
-- composite type | salon.address | owner | altered | cosmetic
ALTER TYPE salon.address OWNER TO corpus_owner;
-- column | salon.address.postcode | comment | altered | cosmetic
COMMENT ON COLUMN salon.address.postcode IS NULL;
-- range type | salon.minutes | comment | altered | cosmetic
COMMENT ON TYPE salon.minutes IS 'of a day';
-- range type | salon.minutes | owner | altered | cosmetic
ALTER TYPE salon.minutes OWNER TO corpus_owner;
-- range type | salon.minutes | multirange_type_name | altered | writes fail
ALTER TYPE salon.minutes_multirange RENAME TO "Minutes";
-- range type | salon.prices | - | added | cosmetic
CREATE TYPE salon.prices AS RANGE (subtype = numeric);
-- base type | salon.ticket | receive | altered | cosmetic
ALTER TYPE salon.ticket SET (RECEIVE = salon.ticket_receive);
-- base type | salon.ticket | send | altered | cosmetic
ALTER TYPE salon.ticket SET (SEND = salon.ticket_send);
-- base type | salon.ticket | comment | altered | cosmetic
COMMENT ON TYPE salon.ticket IS 'number of a ticket';
-- base type | salon.ticket | owner | altered | cosmetic
ALTER TYPE salon.ticket OWNER TO corpus_owner;
-- collation | salon.by_byte | comment | altered | cosmetic
COMMENT ON COLLATION salon.by_byte IS NULL;
-- collation | salon.by_byte | owner | altered | cosmetic
ALTER COLLATION salon.by_byte OWNER TO corpus_owner;
-- collation | salon.plain | - | added | cosmetic
CREATE COLLATION salon.plain (provider = libc, locale = 'C');
-- conversion | salon.from_latin | - | removed | wrong results
DROP CONVERSION salon.from_latin;
-- conversion | salon.from_latin | owner | altered | cosmetic
ALTER CONVERSION salon.from_latin OWNER TO corpus_owner;
-- conversion | salon.from_latin | comment | altered | cosmetic
COMMENT ON CONVERSION salon.from_latin IS NULL;
-- conversion | salon.to_latin | - | added | cosmetic
CREATE CONVERSION salon.to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
-- text search parser | salon.words | - | removed | writes fail
DROP TEXT SEARCH PARSER salon.words;
-- text search parser | salon.words | comment | altered | cosmetic
COMMENT ON TEXT SEARCH PARSER salon.words IS NULL;
-- text search template | salon.plainly | - | removed | writes fail
DROP TEXT SEARCH TEMPLATE salon.plainly;
-- text search template | salon.plainly | comment | altered | cosmetic
COMMENT ON TEXT SEARCH TEMPLATE salon.plainly IS NULL;
-- text search dictionary | salon.plain | options | altered | wrong results
ALTER TEXT SEARCH DICTIONARY salon.plain (accept = 'true');
-- text search dictionary | salon.plain | owner | altered | cosmetic
ALTER TEXT SEARCH DICTIONARY salon.plain OWNER TO corpus_owner;
-- text search dictionary | salon.plain | comment | altered | cosmetic
COMMENT ON TEXT SEARCH DICTIONARY salon.plain IS NULL;
-- text search dictionary | salon.stems | - | added | cosmetic
CREATE TEXT SEARCH DICTIONARY salon.stems (TEMPLATE = pg_catalog.simple);
-- text search configuration | salon.notes | mapping | altered | wrong results
ALTER TEXT SEARCH CONFIGURATION salon.notes DROP MAPPING FOR word;
-- text search configuration | salon.notes | owner | altered | cosmetic
ALTER TEXT SEARCH CONFIGURATION salon.notes OWNER TO corpus_owner;
-- text search configuration | salon.notes | comment | altered | cosmetic
COMMENT ON TEXT SEARCH CONFIGURATION salon.notes IS NULL;
-- text search configuration | salon.notes | - | removed | writes fail
DROP TEXT SEARCH CONFIGURATION salon.notes;
