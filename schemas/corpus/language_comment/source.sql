CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE LANGUAGE plsalon HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
COMMENT ON LANGUAGE plsalon IS 'as plpgsql';
