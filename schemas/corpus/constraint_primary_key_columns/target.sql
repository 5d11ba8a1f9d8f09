CREATE TABLE staff_services (staff_id int NOT NULL, service_id int NOT NULL, price numeric(10,2), PRIMARY KEY (staff_id));
