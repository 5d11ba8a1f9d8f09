INSERT INTO staff VALUES (1, 'ida'), (2, 'Bo');
