INSERT INTO services (id, title) VALUES (1, 'cut');
