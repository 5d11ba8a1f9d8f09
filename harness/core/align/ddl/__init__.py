"""The DDL of every kind of object, a module a family; `kind` says what each of them gives to a plan."""
