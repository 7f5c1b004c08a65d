"""What the commands of `fashion` do; fashion_assets/cli only names them and their options."""
