"""API endpoints of the bowtie."""
