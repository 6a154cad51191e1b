"""`python -m leadline` is `leadline`, for where the command is not on the path."""

from leadline.cli.main import main

if __name__ == "__main__":
    main(prog_name="leadline")
