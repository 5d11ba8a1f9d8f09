CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TABLE days (day date PRIMARY KEY, mood mood NOT NULL DEFAULT 'calm');
CREATE VIEW busy AS SELECT day FROM days WHERE mood >= 'busy';
CREATE MATERIALIZED VIEW calm AS SELECT day, mood FROM days WHERE mood = 'calm';
CREATE INDEX days_busy ON days (day) WHERE mood = 'busy';
