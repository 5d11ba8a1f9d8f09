CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE LANGUAGE plsalon HANDLER plpgsql_call_handler VALIDATOR plpgsql_validator;
