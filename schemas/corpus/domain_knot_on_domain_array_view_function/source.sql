CREATE DOMAIN email AS text;
CREATE DOMAIN staff_mail AS email CHECK (VALUE LIKE '%@salon.example');
CREATE TABLE staff (id int PRIMARY KEY, mail staff_mail, others email[]);
CREATE UNIQUE INDEX staff_mail_lower ON staff (lower(mail::text));
CREATE VIEW staff_list AS SELECT id, mail, others[1] AS first_other FROM staff;
CREATE FUNCTION greet(who email) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'Hello ' || who $$;
CREATE VIEW greetings AS SELECT greet(mail) AS greeting FROM staff_list;
