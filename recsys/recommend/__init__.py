"""From a wish to an ordered list of ids. Arrays, ids and tracks come in; nothing here knows a database."""
