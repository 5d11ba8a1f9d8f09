CREATE FUNCTION add_price(state numeric, v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(state, 0) + coalesce(v, 0) $$;
CREATE FUNCTION add_twice(state numeric, v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(state, 0) + 2 * coalesce(v, 0) $$;
CREATE FUNCTION sub_price(state numeric, v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(state, 0) - coalesce(v, 0) $$;
CREATE FUNCTION rounded(state numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round(state, 1) $$;
CREATE FUNCTION whole(state numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round(state) $$;
CREATE FUNCTION rounded_any(state numeric, v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round(state, 1) $$;
CREATE AGGREGATE revenue(numeric) (sfunc = add_price, stype = numeric, initcond = '0');
