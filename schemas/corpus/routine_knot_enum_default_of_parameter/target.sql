CREATE TYPE channel AS ENUM ('sms', 'mail', 'none');
CREATE FUNCTION remind(client int, via channel DEFAULT 'none') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT via::text $$;
