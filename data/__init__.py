"""Records: tables, migrations, all SQL, intake of files, status, the point index and the demo city."""
