CREATE DOMAIN percent AS integer CONSTRAINT percent_range CHECK (((VALUE >= 0) AND (VALUE <= 100)));
