CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE ACCESS METHOD salon_tree TYPE INDEX HANDLER bthandler;
