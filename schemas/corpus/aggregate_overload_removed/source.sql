CREATE AGGREGATE "Längste"(text) (sfunc = text_larger, stype = text);
CREATE AGGREGATE "Längste"(date) (sfunc = date_larger, stype = date);
