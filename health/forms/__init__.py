"""What people type and choose in the pages of health."""
