CREATE TYPE channel AS ENUM ('sms', 'mail', 'none');
CREATE FUNCTION remind(client int, via channel DEFAULT 'sms') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT via::text $$;
