"""The store's contract; the same tests run over every database named in the environment."""
