CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH PARSER salon_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
