#!/usr/bin/env python
"""Django's command line. What changes the schema runs as the owner, all else as the application."""

import os
import sys

from django.core.management import execute_from_command_line

FOR_THE_OWNER = {"migrate", "showmigrations", "sqlmigrate", "dbshell", "delete_tenant"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csom.settings")
    owner = os.environ.get("DATABASE_OWNER_URL")
    if owner and FOR_THE_OWNER & set(sys.argv[1:2]):
        os.environ["DATABASE_URL"] = owner
    execute_from_command_line(sys.argv)
