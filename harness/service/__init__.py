"""What runs beside the application: the watch, the health endpoints, their page and metrics."""
