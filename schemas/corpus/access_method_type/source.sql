CREATE TABLE bookings (id int PRIMARY KEY, note text);
CREATE ACCESS METHOD salon_heap TYPE TABLE HANDLER heap_tableam_handler;
