"""Pages as a browser sees them: where their links lead, what their forms would send."""

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.utils import timezone

ALWAYS = {"until"}  # not required by the browser, and asked for all the same
TEXTS = {"text", "textarea", "search"}
FOREIGN = {"base", "iframe", "math", "slot", "x", "marquee", "animate", "object", "embed", "style"}
LEADING = {"href", "src", "action", "formaction", "data", "hx-get", "hx-post", "srcdoc"}


@dataclass
class Field:
    """One named control: its type (select, textarea, that of an input), what it would send."""

    name: str
    type: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    is_required: bool = False
    limit: str = ""

    def plain(self, place: int) -> str:
        """What somebody in a hurry would fill in; numbers differ by their place in the form."""
        if self.value or (self.type in ("select", "radio") and self.choices):
            first = self.value or self.choices[0]
            return first or (next(filter(None, self.choices), "") if self.is_required else "")
        soon = (timezone.localdate() + timedelta(days=7)).isoformat()
        known = {"date": soon, "number": str(place), "email": "new@example.com", "key": "plain_key"}
        if self.is_required or self.name in ALWAYS:
            return known.get(self.name) or known.get(self.type, "Plain words")
        return ""


@dataclass
class Form:
    """A form that writes: where to, and its controls."""

    address: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[str, ...]:
        """What makes two forms of a route the same to somebody who fills them in."""
        return tuple(self.fields)

    @property
    def plain(self) -> dict[str, str]:
        """What it would send as it stands, with what is required filled in."""
        filled = {name: each.plain(at) for at, (name, each) in enumerate(self.fields.items())}
        return {name: text for name, text in filled.items() if text}

    @property
    def texts(self) -> list[str]:
        """The names under which people write."""
        return [name for name, each in self.fields.items() if each.type in TEXTS]


class Page(HTMLParser):
    """Reads a page: `links` to follow, `forms` to send. All addresses absolute, without a host."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.links, self.forms = address, dict[str, None](), list[Form]()
        self.dangers: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in given}
        self._judge(tag, told)
        self._link(told.get("href", "") if tag == "a" else told.get("hx-get", ""))
        action = told.get("hx-post", "")
        if tag == "form":
            is_post = told.get("method", "").lower() == "post"
            if not is_post and not action:
                self._link(told.get("action", ""))
            self._form = Form(self._at(told.get("action") or action))
            if is_post or action:
                self.forms.append(self._form)
        elif action or "formaction" in told:
            same = self._form.fields if self._form else {}
            self.forms.append(Form(self._at(action or told["formaction"]), same))
        self._control(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data.removeprefix("\n") if not self._area.value else data

    def _judge(self, tag: str, told: dict[str, str]) -> None:
        """Note what only a stranger's markup would bring: handlers, foreign tags, other schemes."""
        if tag in FOREIGN:
            self.dangers.append(f"<{tag}>")
        for name, value in told.items():
            to = "".join(value.split()).lower()
            is_away = to.startswith(("javascript:", "data:", "//", "\\\\", "/\\"))
            if name.startswith(("on", "hx-on", "data-hx-")) or (name in LEADING and is_away):
                self.dangers.append(f"<{tag} {name}={value[:60]!r}>")

    def _control(self, tag: str, told: dict[str, str]) -> None:
        if tag == "option" and self._select is not None:
            self._select.choices.append(told.get("value", ""))
            if "selected" in told:
                self._select.value = told.get("value", "")
        if tag not in ("input", "select", "textarea", "button") or not told.get("name"):
            return
        kind = told.get("type", "text") if tag == "input" else tag
        if told.get("inputmode") in ("numeric", "decimal"):
            kind = "number"
        made = Field(told["name"], kind, told.get("value", ""), is_required="required" in told)
        made.limit = told.get("maxlength", "")
        if self._form is None or tag == "button" or kind in ("submit", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" not in told:
            known = self._form.fields.setdefault(made.name, Field(made.name, kind))
            known.choices.append(made.value)
            known.is_required |= made.is_required
            return
        self._form.fields[made.name] = made
        if tag == "select":
            self._select = made
        elif tag == "textarea":
            self._area = made

    def _link(self, href: str) -> None:
        if href and not href.startswith(("#", "mailto:")):
            self.links[self._at(href)] = None

    def _at(self, href: str) -> str:
        parts = urlsplit(urljoin(self.address, href))
        return parts.path + (f"?{parts.query}" if parts.query else "")
