CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE VIEW names AS SELECT id, name FROM clients;
CREATE FUNCTION add_name() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO clients VALUES (NEW.id, NEW.name); RETURN NEW; END';
CREATE TRIGGER names_insert INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION add_name();
