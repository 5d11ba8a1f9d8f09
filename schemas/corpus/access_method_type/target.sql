CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE ACCESS METHOD salon_heap TYPE INDEX HANDLER bthandler;
