CREATE SCHEMA salon;
CREATE TYPE salon.mood AS ENUM ('calm', 'busy');
CREATE TABLE salon.days (day date PRIMARY KEY, mood salon.mood DEFAULT 'calm'::salon.mood);
