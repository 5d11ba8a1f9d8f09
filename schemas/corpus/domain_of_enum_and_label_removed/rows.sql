INSERT INTO clients VALUES (1, 'good', '{bad,good}'), (2, NULL, NULL);
