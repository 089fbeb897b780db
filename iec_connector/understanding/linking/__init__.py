"""Which of the things that a linkage names belong together."""
