"""PostgreSQL and Valkey from wheels, so that a checkout runs without Docker and without root.

Development, demo and tests only. `DATABASE_URL` or `REDIS_URL` in the environment replaces the
server of that kind; production sets both and never comes here. State lives in `.data/`.
"""
