-- Rows of a table, and how many of them a snapshot does not show. A row says the lower half of its transaction's
-- number; the upper half follows from the numbers of now, for a row that is seen cannot be of a later transaction.
-- A row whose number has gone round since is taken for a new one: nothing is overwritten that should not be.
SELECT pg_catalog.count(*),
       pg_catalog.count(*) FILTER (
           WHERE t.xmin::text::bigint >= 3
             AND NOT pg_catalog.txid_visible_in_snapshot(
                 greatest(n.next - ((n.next - t.xmin::text::bigint) & 4294967295), 3), {snapshot}::txid_snapshot))
FROM {table} AS t
CROSS JOIN (SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next) AS n
