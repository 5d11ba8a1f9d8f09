CREATE ACCESS METHOD salon_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE payments (id int PRIMARY KEY, amount numeric(8,2) NOT NULL);
