CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN shown AS mood DEFAULT 'good' CHECK (VALUE <> 'bad');
CREATE TABLE clients (id int PRIMARY KEY, now shown, past mood[] DEFAULT '{good}');
