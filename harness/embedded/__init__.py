"""The local stack: PostgreSQL servers from binaries at hand, and the gateway over one of them."""
