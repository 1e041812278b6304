"""What people enter about accounts, one module per noun."""
