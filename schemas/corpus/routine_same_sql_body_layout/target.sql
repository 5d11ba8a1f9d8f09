CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION public.cheap(a integer) RETURNS bigint LANGUAGE sql STABLE
  RETURN (SELECT COUNT(*)
          FROM public."bookings" AS b /* all of them */ WHERE b.price BETWEEN 1 AND 20 AND b.client_id = cheap.a);
