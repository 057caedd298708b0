"""Entry point of the ``recsys`` command and of ``python -m recsys``."""

import gc

# Imports create a hundred thousand objects that stay: searching them for garbage every 700 allocations costs a sixth of
# the time of a query.
gc.set_threshold(100_000, 20, 20)

from recsys.cli.main import main  # noqa: E402

if __name__ == "__main__":
    main()
