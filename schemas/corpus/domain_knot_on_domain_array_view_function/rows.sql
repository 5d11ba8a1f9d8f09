INSERT INTO staff VALUES (1, 'eva@salon.example', '{eva@home.example}');
