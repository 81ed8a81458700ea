"""`python -m vectord` and the `vectord` command."""

import sys


def main() -> None:
    """Run the command line and exit."""
    from .cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
