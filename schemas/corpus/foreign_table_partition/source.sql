CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL);
CREATE FOREIGN DATA WRAPPER partner_wrapper;
CREATE SERVER partner_server FOREIGN DATA WRAPPER partner_wrapper;
CREATE TABLE visits (id int, happened date NOT NULL) PARTITION BY RANGE (happened);
CREATE FOREIGN TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2000-01-01') TO ('2020-01-01') SERVER partner_server;
