CREATE SEQUENCE slip_numbers;
