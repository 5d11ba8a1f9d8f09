CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, detail interval hour to minute);
