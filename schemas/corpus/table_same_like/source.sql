CREATE TABLE services (id int, title text, price numeric(8,2));
CREATE TABLE services_archive (id int, title text, price numeric(8,2));
