"""Entry point of the ``recsys`` command and of ``python -m recsys``."""

import atexit
import gc

# Imports create 150,000 objects that stay: searching them for garbage every 700 allocations costs a sixth of the time
# of a query, and a search at the end of the program a fifth.
gc.set_threshold(250_000, 20, 20)
atexit.register(gc.freeze)

from recsys.cli.main import main  # noqa: E402

if __name__ == "__main__":
    main()
