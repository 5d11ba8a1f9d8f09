CREATE TABLE services (id int, title text, price numeric(8,2));
CREATE TABLE services_archive (LIKE services);
