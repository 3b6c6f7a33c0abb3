"""What is known about a lead at a moment: tables, snapshots, and the vector of features."""
