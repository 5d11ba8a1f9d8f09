CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
CREATE TEXT SEARCH TEMPLATE salon_template (INIT = dsimple_init, LEXIZE = dsynonym_lexize);
