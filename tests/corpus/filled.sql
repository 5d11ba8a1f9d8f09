-- Three rows for every table of a random schema, as far as its rules take them; values follow the types of columns.
DO $filled$
DECLARE
    relation record;
    names text;
    given text;
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR number IN 1..3 LOOP
        FOR relation IN
            SELECT c.oid, c.oid::regclass AS name FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
        LOOP
            SELECT string_agg(quote_ident(a.attname), ', '), string_agg(
                CASE
                    WHEN number = 3 AND NOT a.attnotnull THEN 'NULL'
                    WHEN t.typcategory = 'N' THEN number::text
                    WHEN t.typcategory = 'S' THEN quote_literal('value ' || number)
                    WHEN t.typcategory = 'B' THEN 'true'
                    WHEN t.typcategory = 'D' THEN quote_literal('2026-01-0' || number)
                    WHEN t.typcategory = 'A' THEN quote_literal('{}')
                    WHEN t.typcategory = 'E' THEN '(SELECT pg_catalog.max(e) FROM pg_catalog.unnest(pg_catalog.enum_range(NULL::' || a.atttypid::regtype || ')) e)'
                    WHEN t.typcategory = 'C' THEN quote_literal('(' || number || repeat(',', (SELECT count(*)::integer - 1 FROM pg_attribute f WHERE f.attrelid = t.typrelid AND f.attnum > 0)) || ')')
                    WHEN t.typname = 'jsonb' THEN quote_literal('{"n": ' || number || '}')
                    WHEN t.typname = 'uuid' THEN quote_literal('00000000-0000-4000-8000-00000000000' || number)
                    ELSE 'DEFAULT'
                END, ', ')
            INTO names, given
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
            BEGIN
                EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', relation.name, names, given);
            EXCEPTION WHEN others THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
END
$filled$;
