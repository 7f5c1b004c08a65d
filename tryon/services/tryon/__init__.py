"""The try-on service: a person and a garment, as two files, become one picture."""
