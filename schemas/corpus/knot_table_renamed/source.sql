CREATE TABLE "Clients" (id int PRIMARY KEY, phone text NOT NULL UNIQUE);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL REFERENCES "Clients");
CREATE VIEW phones AS SELECT b.id, c.phone FROM bookings b JOIN "Clients" c ON c.id = b.client_id;
