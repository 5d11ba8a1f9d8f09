CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH DICTIONARY salon_words (TEMPLATE = simple, STOPWORDS = english);
