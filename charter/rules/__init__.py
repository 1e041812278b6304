"""The judgements of the charter, without a database."""
