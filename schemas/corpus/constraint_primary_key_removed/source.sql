CREATE TABLE services (id int NOT NULL, title text NOT NULL, CONSTRAINT services_pkey PRIMARY KEY (id));
