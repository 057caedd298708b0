"""The only code that speaks SQL: tables, migrations, and the catalogue that everybody talks to."""
