"""The HTTP interface: routes parse, call the city, and answer."""
