CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
COMMENT ON EXTENSION plpgsql IS 'functions of the salon';
