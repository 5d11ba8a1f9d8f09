CREATE TABLE reviews (id int PRIMARY KEY, stars int, visits int, CONSTRAINT reviews_stars CHECK (stars >= 1 AND stars <= 5 AND visits > 0));
