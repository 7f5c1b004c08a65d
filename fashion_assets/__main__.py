"""`python -m fashion_assets` is `fashion`, for a program that starts it again with its own Python."""

from fashion_assets.cli import app

if __name__ == "__main__":
    app()
