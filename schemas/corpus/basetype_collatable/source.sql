CREATE TYPE loyalty_code;
CREATE FUNCTION loyalty_code_in(cstring) RETURNS loyalty_code LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION loyalty_code_out(loyalty_code) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION loyalty_code_recv(internal) RETURNS loyalty_code LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION loyalty_code_send(loyalty_code) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE loyalty_code (INPUT = loyalty_code_in, OUTPUT = loyalty_code_out, COLLATABLE = true);
CREATE TABLE clients (id int PRIMARY KEY, code loyalty_code);
