CREATE TABLE addresses (street text, town text);
CREATE TABLE salons (id int PRIMARY KEY, place addresses);
