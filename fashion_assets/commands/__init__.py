"""What the commands of `fashion` do; cli.py only names them and their options."""
