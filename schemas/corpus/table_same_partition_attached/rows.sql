INSERT INTO visits VALUES (1, '2031-02-03', 'north'), (2, '2031-06-01', 'south');
