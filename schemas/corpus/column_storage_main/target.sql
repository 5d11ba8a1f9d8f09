CREATE TABLE photos (id int PRIMARY KEY, caption text, picture bytea);
ALTER TABLE photos ALTER caption SET STORAGE PLAIN;
