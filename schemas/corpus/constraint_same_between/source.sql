CREATE TABLE reviews (id int PRIMARY KEY, stars int, visits int, CONSTRAINT reviews_stars CHECK (stars BETWEEN 1 AND 5 AND visits > 0));
