CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE TYPE "Reminder Channel" AS ENUM ('sms', 'mail', 'голос');
