CREATE FUNCTION remind(IN who text DEFAULT 'all'::text, IN hours int DEFAULT 24) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$;
