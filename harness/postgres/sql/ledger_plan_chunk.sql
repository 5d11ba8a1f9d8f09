INSERT INTO pgparity.planned_chunk
    (migration, source_table, ordinal, part, first_block, end_block, lower, upper, bytes)
VALUES (%s, %s, %s, %s::text[], %s, %s, %s::text[], %s::text[], %s)
