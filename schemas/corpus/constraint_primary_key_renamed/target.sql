CREATE TABLE reminders (id int, body text, CONSTRAINT pk_reminders PRIMARY KEY (id));
