"""The companies of the demo: who works there, what they sell, and to whom."""

from dataclasses import dataclass

from tenants.roles import Role

PASSWORD = "over-the-bowtie"  # noqa: S105 - printed for everybody; the companies are made up
MONTHS = 14


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    name: str
    role: Role
    team: str = ""


@dataclass(frozen=True)
class World:
    """One company: its people, its product, the trades it sells to.

    accounts: how many it has. country: by its two letters, whose holidays it keeps.
    """

    slug: str
    name: str
    currency: str
    time_zone: str
    country: str
    accounts: int
    people: tuple[Person, ...]
    product: str
    module: str
    features: tuple[str, ...]
    trades: tuple[str, ...]
    regions: tuple[str, ...]
    last_words: tuple[str, ...]
    endings: tuple[str, ...]
    ending: str  # of the addresses of its people
    abroad: tuple[str, str] = ("", "")  # a region, and the currency in which two of it pay
    abroad_rates: tuple[str, ...] = ()  # what one of it is worth, year after year

    def email(self, person: Person) -> str:
        return f"{person.name.lower().replace(' ', '.')}@{self.slug}.{self.ending}"


TALLYBIRD = World(
    slug="tallybird",
    name="Tallybird",
    currency="EUR",
    time_zone="Europe/Berlin",
    country="DE",
    accounts=160,
    people=(
        Person("Henrike Solberg", Role.ADMIN),
        Person("Tomasz Wieland", Role.REVOPS),
        Person("Adaeze Lindqvist", Role.EXECUTIVE),
        Person("Marguerite Oduya", Role.MANAGER, "North"),
        Person("Rafael Brandt", Role.MANAGER, "South"),
        Person("Maya Ferreira", Role.CSM, "North"),
        Person("Jonas Okonkwo", Role.CSM, "North"),
        Person("Svea Haddad", Role.CSM, "North"),
        Person("Lucia Amrein", Role.CSM, "South"),
        Person("Emre Castell", Role.CSM, "South"),
        Person("Noor Vandenberg", Role.SALES, "North"),
        Person("Piotr Salazar", Role.SALES, "South"),
    ),
    product="Spend control",
    module="Supplier portal",
    features=("approvals", "invoice_capture", "matching", "budget_view", "payment_runs"),
    trades=("Logistics", "Machinery", "Food and drink", "Health care", "Retail", "Energy"),
    regions=("DACH", "Nordics", "Benelux", "Iberia"),
    last_words=("Logistik", "Works", "Foods", "Kliniken", "Handel", "Energi", "Group", "Systems"),
    endings=("GmbH", "AB", "BV", "SA", "AG", "Oy"),
    ending="example",
    abroad=("Nordics", "SEK"),
    abroad_rates=("0.0875", "0.091", "0.0865"),
)
FERROWAVE = World(
    slug="ferrowave",
    name="Ferrowave",
    currency="USD",
    time_zone="America/Chicago",
    country="US",
    accounts=80,
    people=(
        Person("Delphine Marsh", Role.ADMIN),
        Person("Kwame Ellery", Role.REVOPS),
        Person("Rosalind Teague", Role.EXECUTIVE),
        Person("Bashir Corwin", Role.MANAGER, "Central"),
        Person("Imani Kestrel", Role.CSM, "Central"),
        Person("Theo Navarro", Role.CSM, "Central"),
        Person("Mei Halloran", Role.CSM, "Coast"),
        Person("Calla Ibarra", Role.SALES, "Central"),
        Person("Owen Matsuda", Role.SALES, "Coast"),
    ),
    product="Field service",
    module="Parts planning",
    features=("dispatch", "work_orders", "inspections", "parts", "technician_app"),
    trades=("Utilities", "Elevators", "Heating and cooling", "Facilities", "Telecoms", "Water"),
    regions=("Midwest", "South", "Northeast", "West"),
    last_words=("Utilities", "Elevator", "Climate", "Facilities", "Networks", "Water", "Services"),
    endings=("Inc", "LLC", "Co", "Corp"),
    ending="example",
    abroad=("Northeast", "CAD"),
    abroad_rates=("0.74", "0.72", "0.75"),
)
WORLDS = (TALLYBIRD, FERROWAVE)

FIRST_WORDS = (
    "Alderhof", "Brackwater", "Castelmar", "Dunvale", "Eikelund", "Fennmoor", "Grauwald",
    "Havnsund", "Isarblick", "Jorvendal", "Kestrelby", "Lindenfurt", "Marlowick", "Nordquay",
    "Ostrava Hill", "Pellworth", "Quintara", "Rosenlund", "Silverbeck", "Tarnhaven", "Ullfors",
    "Verdemont", "Westerkamp", "Yarrowby", "Zellmark", "Ambervale", "Birkendorf", "Corvane",
    "Dovrestad", "Elmsgate", "Falkenau", "Glimmerby", "Hollowick", "Ivarsund", "Kupferhain",
    "Larkmoor", "Mistralia", "Nettlefold", "Orchidea", "Pinecroft",
)  # fmt: skip
GIVEN = (
    "Priya", "Anders", "Chiamaka", "Lukas", "Yasmin", "Mateo", "Freya", "Hiroshi", "Zanele",
    "Oskar", "Leila", "Dmitri", "Amara", "Bruno", "Ines", "Kofi", "Saoirse", "Tariq", "Greta",
    "Wei", "Noemi", "Viktor", "Thandiwe", "Elias", "Paloma", "Ravi", "Signe", "Omar", "Klara",
    "Jun",
)  # fmt: skip
FAMILY = (
    "Raman", "Holmqvist", "Adeyemi", "Brenner", "Khoury", "Villanueva", "Nordahl", "Tanabe",
    "Mokoena", "Fischbach", "Rahimi", "Volkov", "Eze", "Carvalho", "Montero", "Asante",
    "Kavanagh", "Siddiqui", "Lorenzen", "Zhao", "Ferrante", "Dvorak", "Ncube", "Sandoval",
    "Ibanez", "Pillai", "Halvorsen", "Farouk", "Zimmerli", "Mori",
)  # fmt: skip
