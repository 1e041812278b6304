"""Reads of the bowtie, by noun."""
