"""The entry of the web server. It does not start as a role that could see every tenant."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from tenants.addresses import INSIDE, OUTSIDE
from tenants.checks import refuse_wrong_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csom.settings")
application = get_wsgi_application()
refuse_wrong_role()
for pages in (OUTSIDE, INSIDE):  # loaded once, here, and not by the first visitor
    import_module(pages)
