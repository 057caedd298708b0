#!/usr/bin/env python3
"""Write ``recsys/database/schema.sql``, from which a new SQLite library is created, by running every migration.

    scripts/make_database_schema.py

Run it after a migration is added; a test compares the file with the migrations. The index of trigrams is not in it:
whether there is one depends on the SQLite of the machine (:mod:`recsys.database.trigrams`).
"""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.database import engine, migrate

TARGET = ROOT / "recsys" / "database" / migrate.SCHEMA_FILE


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "library.db"
        database = engine.connect(engine.parse_url(f"sqlite:///{file.as_posix()}"))
        migrate.run_migrations(database)
        with closing(database.raw_connection()) as connection:
            TARGET.write_text(migrate.schema_script(connection.cursor()), encoding="utf-8")
        database.dispose()
    print(TARGET)


if __name__ == "__main__":
    main()
