"""The words that invented people and companies are made of.

Names are put together from parts, so that a data set has variety without naming anybody. The weights beside the parts
are the shape of a small B2B vendor's database: many managers, few board members, some students.
"""

FIRST_NAMES = (
    "Ada", "Aiko", "Alma", "Anton", "Arjun", "Bea", "Bruno", "Carla", "Cem", "Chiara", "Daria", "David", "Elif",
    "Emil", "Esra", "Fatima", "Felix", "Femi", "Finn", "Greta", "Hana", "Henrik", "Ida", "Ines", "Ivo", "Jana",
    "Jonas", "Julie", "Kofi", "Lea", "Leon", "Lina", "Luca", "Mara", "Marek", "Mats", "Mila", "Nadia", "Nils",
    "Noor", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rania", "Ravi", "Rosa", "Ruben", "Sami", "Sara", "Silas",
    "Sofia", "Tamar", "Theo", "Tilda", "Uma", "Vera", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe", "Øyvind", "Chloé",
)  # fmt: skip

LAST_NAMES = (
    "Abel", "Adeyemi", "Albers", "Almeida", "Arslan", "Bakker", "Baumann", "Berg", "Bianchi", "Brandt", "Castro",
    "Cohen", "Costa", "Dahl", "Demir", "Dietrich", "Dubois", "Ekström", "Engel", "Faber", "Ferrari", "Fischer",
    "Gupta", "Haas", "Hansen", "Hofer", "Huber", "Ivanova", "Jansen", "Kaya", "Keller", "Khan", "Klein", "Kowalski",
    "Kruse", "Larsen", "Lehmann", "Lindqvist", "Lopez", "Maier", "Marino", "Meyer", "Moreau", "Müller", "Nakamura",
    "Novak", "Okafor", "Olsen", "Patel", "Petrov", "Pires", "Quint", "Rao", "Reuter", "Rossi", "Roth", "Sato",
    "Schulz", "Seidel", "Silva", "Sommer", "Stein", "Svensson", "Torres", "Unger", "Vogel", "Visser", "Weber",
    "Wolff", "Yilmaz", "Zimmer",
)  # fmt: skip

COMPANY_FIRST = (
    "Alder", "Amber", "Anchor", "Arbor", "Aster", "Beacon", "Birch", "Blue Heron", "Bridge", "Cedar", "Cobalt",
    "Copper", "Delta", "Drift", "Ember", "Fern", "Field", "Flint", "Granite", "Harbour", "Hazel", "Heath", "Indigo",
    "Iris", "Juniper", "Kestrel", "Lantern", "Larch", "Linden", "Lumen", "Maple", "Meridian", "Moss", "North",
    "Oak", "Onyx", "Orbit", "Otter", "Pine", "Quarry", "Quartz", "Reed", "River", "Sable", "Slate", "Stone", "Tern",
    "Thistle", "Vale", "Willow",
)  # fmt: skip

# industry: weight, the second halves of company names
INDUSTRIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "software": (24, ("Software", "Cloud", "Labs", "Systems", "Apps")),
    "fintech": (10, ("Pay", "Ledger", "Capital Tech", "Invoice")),
    "logistics": (11, ("Freight", "Logistics", "Parcel", "Routes")),
    "manufacturing": (15, ("Works", "Industries", "Tools", "Machines")),
    "services": (14, ("Partners", "Advisory", "Services", "Agency")),
    "retail": (10, ("Market", "Stores", "Goods", "Trade")),
    "healthcare": (6, ("Care", "Health", "Clinics")),
    "education": (5, ("Academy", "School", "Learning")),
    "public": (5, ("Council", "Office", "Institute")),
}

COUNTRIES = (
    ("DE", 26), ("AT", 7), ("CH", 8), ("NL", 9), ("GB", 10), ("FR", 8), ("SE", 5), ("PL", 5), ("ES", 5), ("IT", 5),
    ("US", 8), ("IN", 2), ("BR", 2),
)  # fmt: skip

# title, seniority, function, weight. The last rows are the ones that a search for a word in the title gets wrong.
TITLES = (
    ("Chief Revenue Officer", "c_level", "sales", 3),
    ("Chief Executive Officer", "c_level", "management", 5),
    ("Chief Technology Officer", "c_level", "it", 3),
    ("VP Marketing", "vp", "marketing", 4),
    ("VP Sales", "vp", "sales", 5),
    ("VP Operations", "vp", "operations", 3),
    ("Head of Revenue Operations", "director", "operations", 6),
    ("Director of Demand Generation", "director", "marketing", 5),
    ("Sales Director", "director", "sales", 6),
    ("IT Director", "director", "it", 3),
    ("Marketing Manager", "manager", "marketing", 12),
    ("Sales Manager", "manager", "sales", 10),
    ("CRM Manager", "manager", "operations", 8),
    ("Finance Manager", "manager", "finance", 4),
    ("Product Manager", "manager", "product", 5),
    ("Marketing Specialist", "specialist", "marketing", 9),
    ("Sales Development Representative", "specialist", "sales", 8),
    ("Systems Administrator", "specialist", "it", 5),
    ("HR Specialist", "specialist", "hr", 4),
    ("Executive Assistant", "specialist", "administration", 4),
    ("Assistant to the VP Sales", "specialist", "administration", 2),
    ("Marketing Intern", "intern", "marketing", 3),
    ("Student", "student", "education", 4),
)

FREE_MAIL = ("freemail.example", "postfach.example", "mailbox.example", "webpost.example")
COMPETITORS = (("Funnelhawk", "funnelhawk.example"), ("Scoreberry", "scoreberry.example"))
OWN_DOMAIN = "northwind.example"

CRMS = (("salesforce", 24), ("hubspot", 22), ("dynamics", 12), ("pipedrive", 10), ("spreadsheet", 18), ("other", 14))
LEAD_SOURCES = (("website", 42), ("webinar", 14), ("trade_fair", 9), ("referral", 8), ("paid_search", 17), ("list", 10))
INTERESTS = ("lead scoring", "lead routing", "attribution", "reporting", "data quality", "email marketing")

PAGES = ("/", "/blog/how-teams-qualify", "/blog/what-is-a-lead", "/customers", "/about", "/docs/start")
PRODUCT_PAGES = ("/product/scoring", "/product/routing", "/product/integrations", "/product/security")
PRICE_PAGES = ("/pricing", "/pricing/compare")
CAREER_PAGES = ("/careers", "/careers/sales", "/careers/engineering")
ASSETS = ("guide-to-hand-off", "scoring-worksheet", "security-overview", "customer-story-freight")
CAMPAIGNS = ("newsletter", "product-news", "webinar-invitation", "case-study")
SALES_PEOPLE = ("maria@northwind.example", "omar@northwind.example", "jun@northwind.example")
