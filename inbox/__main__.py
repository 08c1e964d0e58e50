"""``python -m inbox``."""

import sys

from inbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
