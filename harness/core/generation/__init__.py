"""Cases made from a method's signature, the catalog and the rows that are there; the modules are the interface."""
