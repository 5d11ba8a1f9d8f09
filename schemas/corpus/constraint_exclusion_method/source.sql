CREATE TABLE slots (id int PRIMARY KEY, chair text, span tsrange, cancelled boolean NOT NULL DEFAULT false, CONSTRAINT slots_overlap EXCLUDE USING gist (span WITH &&));
