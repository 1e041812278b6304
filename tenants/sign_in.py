"""How people sign in and up: django-allauth with our rules."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode import QRCode


class Adapter(DefaultAccountAdapter):
    """Sign-up makes a tenant with it, so allauth's own form stays closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return str(settings.LOGIN_REDIRECT_URL)


class SecondStep(DefaultMFAAdapter):
    """The code to scan is drawn into the page: the content policy knows no data addresses."""

    def build_totp_svg(self, url: str) -> SafeString:
        code = QRCode(border=4)
        code.add_data(url)
        cells = code.get_matrix()
        dots = "".join(
            f"M{x} {y}h1v1h-1z" for y, row in enumerate(cells) for x, on in enumerate(row) if on
        )
        return format_html(
            '<svg class="qr" width="192" height="192" viewBox="0 0 {0} {0}" role="img" '
            'aria-label="The key as a code to scan"><rect width="{0}" height="{0}" fill="#fff"/>'
            '<path d="{1}" fill="#000"/></svg>',
            len(cells),
            dots,
        )
