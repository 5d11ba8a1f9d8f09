INSERT INTO services VALUES (1, '[10,20)', '[10,20)');
