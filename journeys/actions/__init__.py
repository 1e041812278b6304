"""What changes handoffs."""
