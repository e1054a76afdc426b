"""Pieces of screen that several pages use; they render what they are given."""
