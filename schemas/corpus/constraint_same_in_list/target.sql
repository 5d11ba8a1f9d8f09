CREATE TABLE bookings (id int PRIMARY KEY, state varchar(10), CONSTRAINT bookings_state CHECK (((state)::text = ANY (ARRAY[('new'::character varying)::text, ('done'::character varying)::text]))));
