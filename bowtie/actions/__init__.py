"""Writes of the bowtie, by noun."""
