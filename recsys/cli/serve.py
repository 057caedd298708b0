"""``recsys serve``: the server and its page."""

import webbrowser
from typing import Annotated

import typer

from recsys.cli.options import absolute_folders
from recsys.cli.output import print_status
from recsys.cli.session import session


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="Port; 0 is any free one.")] = 8765,
    base_path: Annotated[
        str, typer.Option(metavar="PATH", help="Path behind a proxy, such as /recsys.", show_default=False)
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name by which browsers may address the server; may be repeated."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="A proxy whose forwarded headers are used; may be repeated."),
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option(metavar="FOLDER", help="A folder whose changes are ingested; may be repeated."),
    ] = None,
    refresh: Annotated[
        list[str] | None,
        typer.Option(metavar="WHEN", help="Refresh saved playlists: hourly, daily@04:00, weekly@sun@04:00."),
    ] = None,
    sync: Annotated[
        list[str] | None,
        typer.Option(metavar="LINK@WHEN", help="Pull from a linked server and push to it: navidrome@daily@04:30."),
    ] = None,
    allow_ingest: Annotated[
        bool | None,
        typer.Option(
            "--allow-ingest/--no-allow-ingest",
            help="Whether users choose any folder to scan (default: if --host is of this machine alone).",
            show_default=False,
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve the library as a page and an HTTP API, until Ctrl-C."""
    from recsys.web.options import ServeOptions
    from recsys.web.server import serve as run

    given = session(context)
    options = ServeOptions(
        host=host, port=port, base_path=base_path, allowed_hosts=allow_host or (), trusted_proxies=trusted_proxy or (),
        watch=absolute_folders(watch), refresh=refresh or (), sync=sync or (), allow_ingest=allow_ingest,
    )  # fmt: skip

    def started(url: str) -> None:
        print_status(f"recsys is at {url} (stop it with Ctrl-C)", quiet=given.quiet)
        if open_page:
            webbrowser.open(url)

    run(given.library(keep_open=True), options, on_start=started)
    print_status("stopped", quiet=given.quiet)
