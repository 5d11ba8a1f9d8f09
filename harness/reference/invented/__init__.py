"""The invented rows of the reference application, a module for each group of tables; nobody in them exists."""
