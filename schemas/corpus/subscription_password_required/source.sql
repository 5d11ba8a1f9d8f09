CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL);
CREATE SUBSCRIPTION from_head_office CONNECTION 'host=203.0.113.7 dbname=salon password=invented' PUBLICATION salon_changes WITH (connect = false, create_slot = false, slot_name = NONE);
