INSERT INTO addresses VALUES ('Quay 1', 'Port');
INSERT INTO salons (id) VALUES (1);
