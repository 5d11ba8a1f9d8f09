CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH DICTIONARY salon_words (TEMPLATE = simple, STOPWORDS = english);
COMMENT ON TEXT SEARCH DICTIONARY salon_words IS 'without stop words';
