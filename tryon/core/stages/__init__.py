"""The four stages. Each says how to load one job and how to work a batch; `produce` does the rest for all."""
