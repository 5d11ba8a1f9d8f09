CREATE TABLE customers (id int PRIMARY KEY, phone text NOT NULL UNIQUE);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL REFERENCES customers);
CREATE VIEW phones AS SELECT b.id, c.phone FROM bookings b JOIN customers c ON c.id = b.client_id;
