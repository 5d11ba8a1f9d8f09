CREATE COLLATION by_code (provider = icu, locale = 'und');
