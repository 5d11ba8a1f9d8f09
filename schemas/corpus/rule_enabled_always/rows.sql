INSERT INTO services VALUES (1, 'cut'), (2, 'colour');
