"""Pages for people: sign-in, the list of leads, and one lead with its reasons."""
