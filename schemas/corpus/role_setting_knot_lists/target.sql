DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET temp_tablespaces = ''''', current_database());EXECUTE format('ALTER DATABASE %I SET datestyle = ''ISO, DMY''', current_database()); END $$;
