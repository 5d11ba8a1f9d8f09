CREATE AGGREGATE "Längste"(text) (sfunc = text_larger, stype = text);
