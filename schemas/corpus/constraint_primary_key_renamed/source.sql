CREATE TABLE reminders (id int, body text, CONSTRAINT reminders_pkey PRIMARY KEY (id));
