CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE TYPE loyalty_code;
CREATE FUNCTION loyalty_code_in(cstring) RETURNS loyalty_code LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION loyalty_code_out(loyalty_code) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE loyalty_code (INPUT = loyalty_code_in, OUTPUT = loyalty_code_out);
