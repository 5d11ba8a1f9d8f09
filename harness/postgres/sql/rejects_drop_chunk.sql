DELETE FROM pgparity.rejected WHERE migration = %s AND source_table = %s AND ordinal = %s
