INSERT INTO staff VALUES (1, 'Ida Holm', 'colour');
