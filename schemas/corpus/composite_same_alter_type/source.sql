CREATE TYPE address AS (street varchar(80), city text);
