"""What goes over the wire: JSON in and out, values one by one, problems in one shape."""
