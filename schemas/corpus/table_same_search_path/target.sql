CREATE SCHEMA salon;
SET search_path = salon, public;
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TABLE days (day date PRIMARY KEY, mood mood DEFAULT 'calm');
