CREATE TABLE reminders (id int PRIMARY KEY, due timestamptz NOT NULL);
