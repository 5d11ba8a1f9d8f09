CREATE TABLE services (id int NOT NULL, title text, CONSTRAINT services_key UNIQUE (id));
