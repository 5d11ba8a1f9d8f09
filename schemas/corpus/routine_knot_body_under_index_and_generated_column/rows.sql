INSERT INTO clients VALUES (1, 'Ann@Example.com'), (2, 'bo@example.com');
