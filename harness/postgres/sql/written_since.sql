-- Rows of a table, and how many of them a snapshot does not show. Those that are older than everything that ran then are
-- shown. Of the others, a row says the lower half of its transaction's number; the upper half follows from the numbers
-- of now, for a row that is seen cannot be of a later transaction. A row whose number has gone round since is taken for
-- a new one: nothing is overwritten that should not be.
SELECT pg_catalog.count(*),
       pg_catalog.count(*) FILTER (
           WHERE pg_catalog.age(t.xmin) <= n.oldest
             AND NOT pg_catalog.txid_visible_in_snapshot(
                 greatest(n.next - ((n.next - t.xmin::text::bigint) & 4294967295), 3), n.snapshot))
FROM {table} AS t
CROSS JOIN (
    SELECT s.snapshot,
           pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next,
           pg_catalog.age((pg_catalog.txid_snapshot_xmin(s.snapshot) & 4294967295)::text::xid) AS oldest
    FROM (SELECT {snapshot}::txid_snapshot AS snapshot) AS s
) AS n
