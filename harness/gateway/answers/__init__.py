"""From what the statement gave to status, headers and body."""
