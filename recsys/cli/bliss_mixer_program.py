"""``bliss-mixer``, as the plugin BlissMixer of Lyrion starts it: ``recsys blissmixer`` with other arguments."""

import argparse

from recsys.cli.main import main as run_recsys


def main() -> None:
    """Run ``recsys blissmixer`` with the arguments of bliss-mixer.

    The port is any free one if a Lyrion server gets it. The database of bliss, the address and weights are not used:
    the library is that of recsys, and the address is always that of the loopback interface.
    """
    parser = argparse.ArgumentParser("bliss-mixer", description="bliss-mixer, with the library of recsys.")
    parser.add_argument("-p", "--port", type=int, default=12000)
    parser.add_argument("-L", "--lms", metavar="HOST")
    parser.add_argument("-l", "--logging", metavar="LEVEL", default="warn")
    parser.add_argument("-u", "--upload", action="store_true")
    parser.add_argument("-d", "--db", metavar="FILE", help="not used")
    parser.add_argument("-a", "--address", help="not used")
    given, _ = parser.parse_known_args()
    if given.upload:
        parser.error("recsys analyses music itself, and takes no database of bliss: recsys ingest FOLDER")
    port = ["--port", "0", "--lyrion", given.lms] if given.lms else ["--port", str(given.port)]
    detail = ["--verbose"] if given.logging.lower() in ("info", "debug", "trace") else []
    run_recsys([*detail, "blissmixer", *port])
