"""What every API endpoint shares: the key, the capability, strict JSON, problem details."""
