CREATE TABLE photos (id int PRIMARY KEY, caption text, picture bytea);
