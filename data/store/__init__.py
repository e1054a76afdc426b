"""All SQL about places and people, one module per topic; every function takes a connection."""
