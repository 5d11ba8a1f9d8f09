CREATE TABLE bookings (id int PRIMARY KEY, starts_at timestamptz NOT NULL, total numeric(10,2) NOT NULL, client_id int NOT NULL);
CREATE VIEW paid AS SELECT id, client_id, total FROM bookings WHERE total > 10;
CREATE VIEW paid_by_client AS SELECT client_id, sum(total) AS total FROM paid GROUP BY client_id;
CREATE MATERIALIZED VIEW best_clients AS SELECT client_id, total FROM paid_by_client WHERE total > 1000;
CREATE UNIQUE INDEX best_clients_client ON best_clients (client_id);
