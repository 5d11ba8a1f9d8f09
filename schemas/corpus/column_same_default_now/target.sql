CREATE TABLE reminders (id int PRIMARY KEY, made timestamptz DEFAULT CURRENT_TIMESTAMP);
