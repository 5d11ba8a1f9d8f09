CREATE FUNCTION pad(v character varying(20), n pg_catalog."int4", at timestamp with time zone, ok boolean) RETURNS varchar(5) LANGUAGE sql AS $$ SELECT v $$;
