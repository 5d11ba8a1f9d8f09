CREATE TABLE staff (id int PRIMARY KEY, name text COLLATE "C" NOT NULL);
