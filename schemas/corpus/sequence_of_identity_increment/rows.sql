INSERT INTO clients (name) VALUES ('Alma Reyes');
