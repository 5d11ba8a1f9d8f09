CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION salon_search (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION salon_search ALTER MAPPING FOR asciiword WITH plain, english_stem;
