"""The database of a library: tables, migrations, and the catalogue, through which all other packages use it."""
