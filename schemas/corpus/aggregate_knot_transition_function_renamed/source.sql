CREATE FUNCTION add_minutes(state bigint, v int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT state + v $$;
CREATE AGGREGATE minutes(int) (sfunc = add_minutes, stype = bigint, initcond = '0');
