INSERT INTO payments VALUES (1, 120, 'card'), (2, 300.50, 'cash');
