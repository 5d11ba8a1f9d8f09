INSERT INTO visits (id, day, room) VALUES (1, '2031-02-03', 'north');
