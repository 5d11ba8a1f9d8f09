-- An error (3F000) where a schema of db-schemas or db-extra-search-path does not exist.
SELECT quote_ident(wanted.name)::regnamespace FROM unnest($1::text[]) AS wanted (name)
