INSERT INTO staff (id, first_name, last_name) VALUES (1, 'Ida', 'Holm');
