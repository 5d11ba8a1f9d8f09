"""Health: what the endpoints of `pgparity serve` tell, and when a figure is a warning or worse."""
