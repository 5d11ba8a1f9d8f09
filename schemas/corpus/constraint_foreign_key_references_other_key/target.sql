CREATE TABLE clients (id int PRIMARY KEY, card int NOT NULL UNIQUE);
CREATE TABLE bookings (id int PRIMARY KEY, client int CONSTRAINT bookings_client REFERENCES clients (card));
