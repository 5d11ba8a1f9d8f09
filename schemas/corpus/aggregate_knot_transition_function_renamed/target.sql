CREATE FUNCTION minutes_add(state bigint, v int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT state + v $$;
CREATE AGGREGATE minutes(int) (sfunc = minutes_add, stype = bigint, initcond = '0');
