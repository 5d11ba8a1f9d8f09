"""What is seen of a data layer: metrics, error tracking, with no personal data."""
