-- Lets a value be a sequence's next one, as the one after a value that was used where the sequence can hold such a one.
SELECT CASE
    WHEN %(value)s - s.seqincrement BETWEEN s.seqmin AND s.seqmax
    THEN pg_catalog.setval(s.seqrelid::pg_catalog.regclass, %(value)s - s.seqincrement, true)
    ELSE pg_catalog.setval(s.seqrelid::pg_catalog.regclass, %(value)s, false)
END
FROM pg_catalog.pg_sequence s
WHERE s.seqrelid = %(sequence)s::pg_catalog.regclass
