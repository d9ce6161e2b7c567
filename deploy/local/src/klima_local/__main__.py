"""`python -m klima_local`: what the launcher `./klima` hands over to."""

from klima_local.cli import app

if __name__ == "__main__":
    app(prog_name="./klima")
