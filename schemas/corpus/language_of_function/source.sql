CREATE LANGUAGE plsalon HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE FUNCTION greet() RETURNS text LANGUAGE plsalon AS 'BEGIN RETURN ''hello''; END';
