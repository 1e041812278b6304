"""The pages of the bowtie and of retention."""
