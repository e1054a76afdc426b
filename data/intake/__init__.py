"""Intake of files (数据接入): read, mapped to fields, converted, placed on earth, delivered at once."""
