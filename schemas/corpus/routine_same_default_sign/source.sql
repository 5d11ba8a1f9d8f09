CREATE FUNCTION remind(who text = 'all', hours int = 24) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$;
