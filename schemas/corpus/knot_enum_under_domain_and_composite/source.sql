CREATE TYPE e AS ENUM ('a', 'c');
CREATE DOMAIN d AS e CHECK (VALUE <> 'c');
CREATE TYPE c AS (x d, y e[], z e);
CREATE TABLE t (v c, w d, l c[]);
CREATE FUNCTION f(c, d) RETURNS e LANGUAGE sql AS $$ SELECT 'a'::e $$;
