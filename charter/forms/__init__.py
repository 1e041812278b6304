"""The chapters of the charter as forms: a body becomes fields, cleaned fields become a body."""

from charter.forms.bowtie import BowtieForm
from charter.forms.calendar import CalendarForm
from charter.forms.causes import CausesForm
from charter.forms.chapter import ChapterForm
from charter.forms.definitions import DefinitionsForm
from charter.forms.handoffs import HandoffsForm
from charter.forms.owners import OwnersForm
from charter.forms.promises import PromisesForm
from charter.forms.rates import RatesForm
from charter.forms.segments import SegmentsForm
from charter.forms.spiced import SpicedForm

FORMS: dict[str, type[ChapterForm]] = {
    "segments": SegmentsForm,
    "calendar": CalendarForm,
    "promises": PromisesForm,
    "handoffs": HandoffsForm,
    "spiced": SpicedForm,
    "definitions": DefinitionsForm,
    "bowtie": BowtieForm,
    "owners": OwnersForm,
    "rates": RatesForm,
    "causes": CausesForm,
}
