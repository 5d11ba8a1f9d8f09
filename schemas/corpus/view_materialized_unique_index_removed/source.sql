CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE MATERIALIZED VIEW city_counts AS SELECT city, count(*) AS clients FROM clients GROUP BY city;
CREATE UNIQUE INDEX city_counts_city ON city_counts (city);
