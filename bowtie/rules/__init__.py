"""The bowtie's stages and its arithmetic, without a database."""
