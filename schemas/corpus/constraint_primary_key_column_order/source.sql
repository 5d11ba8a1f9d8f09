CREATE TABLE staff_services (staff_id int NOT NULL, service_id int NOT NULL, PRIMARY KEY (staff_id, service_id));
