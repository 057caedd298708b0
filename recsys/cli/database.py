"""``recsys db``: maintenance of the database."""

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session

app = typer.Typer()


@app.callback(invoke_without_command=True)
def db(context: typer.Context) -> None:
    """Maintain the database."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def upgrade(context: typer.Context) -> None:
    """Upgrade the schema of the library to this version of recsys."""
    session(context).library().upgrade_database()
    print_status("the library is up to date", quiet=session(context).quiet)
