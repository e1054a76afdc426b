"""Layouts: what a page shows and the ids its callbacks use; nothing happens here."""
