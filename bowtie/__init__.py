"""Where each account is on the bowtie, and the arithmetic of the whole."""
