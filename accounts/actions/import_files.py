"""Where uploaded files lie: a folder for each tenant, names of our own making."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.models import Import
from accounts.rules.sheets import FILE_LIMIT
from accounts.rules.unreadable import TooLarge
from tenants.scope import current_tenant_id


def relative_name(import_id: UUID) -> str:
    """The name of a file below the folder of uploads; nothing of it comes from outside."""
    return f"imports/{current_tenant_id()}/{import_id}"


def path_of(item: Import) -> Path:
    """The file as it was sent."""
    return Path(settings.MEDIA_ROOT) / item.stored_as


def spool_of(item: Import) -> Path:
    """The rows of a workbook as text."""
    return path_of(item).with_suffix(".spool")


def prepared_of(item: Import) -> Path:
    """The rows that can be taken, read, one a line."""
    return path_of(item).with_suffix(".rows")


def keep_file(name: str, chunks: Iterable[bytes]) -> Path:
    """Write an upload, readable for us alone. Raises TooLarge, and leaves nothing then."""
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                written += len(chunk)
                if written > FILE_LIMIT:
                    raise TooLarge(f"The file is larger than {FILE_LIMIT >> 20} MB")
                out.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def drop_files(item: Import) -> None:
    """Remove a file and what was made of it."""
    for path in (path_of(item), spool_of(item), prepared_of(item)):
        with suppress(FileNotFoundError):
            path.unlink()
