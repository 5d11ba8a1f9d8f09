INSERT INTO services VALUES (1, 'Cut'), (2, 'Colour');
