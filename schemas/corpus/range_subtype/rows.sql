INSERT INTO services VALUES (1, '[10,20)');
