"""What surrounds a request over HTTP: CORS, health, log, metrics, sockets."""
