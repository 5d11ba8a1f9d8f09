"""Align: changes become plans; the DDL of each family of objects, what it is checked for, and the strategies."""
