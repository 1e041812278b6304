"""What customers do, ask and say: usage, tickets, survey answers, invoices, activities."""
