CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE LANGUAGE plsalon HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler;
