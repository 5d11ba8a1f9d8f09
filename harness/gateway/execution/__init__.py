"""Connections, and the transaction of a request on one of them."""
