"""Entry point of the ``recsys`` command and of ``python -m recsys``."""

import gc

# Importing makes a hundred thousand objects that stay: searching them for garbage every 700 costs a sixth of the time
# in which a question is answered.
gc.set_threshold(50_000, 20, 20)

from recsys.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
