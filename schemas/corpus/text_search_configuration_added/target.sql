CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH CONFIGURATION salon_search (COPY = pg_catalog.english);
