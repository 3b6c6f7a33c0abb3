"""What is told of the requests that were answered: log lines, metrics and traces."""
