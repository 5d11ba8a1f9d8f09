INSERT INTO days VALUES ('2024-01-01', 'busy');
