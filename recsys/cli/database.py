"""``recsys db``: looking after the database."""

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session

app = typer.Typer()


@app.callback(invoke_without_command=True)
def db(context: typer.Context) -> None:
    """Look after the database."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the library to the schema of this version of recsys."""
    session(context).service().upgrade_database()
    print_status("the library is up to date", quiet=session(context).quiet)
