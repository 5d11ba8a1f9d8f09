CREATE TABLE staff_services (staff_id int NOT NULL, service_id int NOT NULL, PRIMARY KEY (service_id, staff_id));
