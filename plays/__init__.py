"""The playbook: what starts a play, its steps, and who does them by when."""
