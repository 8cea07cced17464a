"""`python -m logitlab`: see logitlab.command."""

import sys

from logitlab.command.main import main

if __name__ == "__main__":
    sys.exit(main())
