INSERT INTO clients (id, name) VALUES (1, 'Ann');
