"""What people at the accounts said, asked and agreed: the sentences of the demo, by purpose."""

CHECKS = (  # purpose, what the account got out of it
    (
        "Go through the approval times of {month} with {who}",
        "{who} saw that two sites approve in 1.4 days and one in 6; she takes it to the site lead",
    ),
    (
        "Show {who} how {feature} handles exceptions",
        "Exceptions are routed to one mailbox now; {who} expects 40 fewer mails a week",
    ),
    (
        "Prepare the steering group of {name} with {who}",
        "Three slides agreed: savings so far, the open site, the plan for next quarter",
    ),
    (
        "Agree the measure for the next quarter with {who}",
        "Baseline and target written down; {who} reports the figure on the 5th of each month",
    ),
    (
        "Look at {feature}: why half the team went back to spreadsheets",
        "The import of cost centres was missing; it runs nightly since Tuesday",
    ),
    (
        "Train the new starters in {feature}",
        "Four new people work without help; {who} keeps the recording for the next ones",
    ),
    (
        "Find out what changed after the reorganisation",
        "Two teams merged, {who} now answers for both; roles in the product were put right",
    ),
    (
        "Review tickets of {month} with the IT lead",
        "Two causes account for most of them; the certificate is renewed automatically now",
    ),
)
REVIEWS = (
    (
        "Business review: what {measure} reached and what it was worth",
        "{who} confirmed the figure and shared it with the board; next target agreed",
    ),
    (
        "Business review: half-year results and the plan to renewal",
        "Renewal path agreed with {who}: finance in week 2, legal in week 4",
    ),
)
MAILS = (
    ("Send the comparison with similar companies", "{who} forwarded it to two site leads"),
    ("Answer the question on audit trails", "The auditor accepted the export as evidence"),
    ("Share the release notes that matter for {feature}", "{who} switched on bulk approval"),
)
RESCUES = (
    (
        "Understand why usage fell since {month}",
        "{who} says the new plant manager stopped the rollout; a call with him is booked",
    ),
    ("Speak with {who} about the late invoice", "Purchase order was missing; new one on its way"),
    (
        "Call after the outage of {month}",
        "Root cause explained to {who}; she wants a written plan by Friday",
    ),
)
KICKOFF = (
    "Kickoff: agree the first result and who does what",
    "First result, date and the people for it are agreed with {who}",
)
TICKETS = (
    "Export of {feature} stops at 5,000 rows",
    "New colleague cannot sign in after the move to single sign-on",
    "Dates in {feature} are shown a day early",
    "How do we change the order of approvers?",
    "Totals in {feature} differ from the ledger",
    "Mobile view of {feature} does not scroll",
    "Please add a cost centre for the new site",
    "Notification mails arrive twice",
    "Slow pages in {feature} on Monday mornings",
)
OUTAGES = (
    "{feature} is down for the whole site",
    "Nightly transfer failed three times, payments are blocked",
)
PROMOTERS = (
    "Saves my team a day a week. Support answers in plain language.",
    "We closed the month two days earlier than ever.",
    "Our CSM knows our business and brings ideas.",
)
PASSIVES = (
    "Good, but the reports could be easier to change.",
    "Does what it should. Setting it up took longer than promised.",
)
DETRACTORS = (
    "We were promised the new site would be connected by now.",
    "Too slow since the last release, people go back to spreadsheets.",
    "Nobody explained the price increase.",
)
SITUATIONS = (
    "{name} runs {sites} sites in {region} and closes its books centrally. Requests arrive by mail "
    "and are keyed in by hand at two of the sites.",
    "A {trade} company with {sites} locations; grew by acquisition, so each site has its own way "
    "of working. A group project to bring them together started last spring.",
    "Family-owned {trade} company in {region}. {sites} sites, a lean head office, and a new "
    "finance director who wants figures on the third working day.",
)
CHANGES = (
    "A fourth site joined in spring; two of the approvers changed.",
    "Hiring is frozen until the end of the year.",
    "The ERP moves to the cloud next summer; IT has little time until then.",
)
TOOLS = (
    ("Excel", "mail", "SAP"),
    ("Spreadsheets", "shared mailbox"),
    ("Legacy ERP", "paper forms", "mail"),
)
INITIATIVES = (
    ("One ERP for the group", "Close in five days"),
    ("Two new sites by next year",),
    ("Fewer suppliers", "Paperless by summer"),
)
TEAMS = (
    "Nine people in shared services, three at each site",
    "A team of six at head office; planners at the sites do it on the side",
    "Twelve coordinators in two shifts",
)
PAINS = (
    "“We find out what we spent three weeks after we spent it.” Reminders go out by hand.",
    "“Every second order needs a phone call.” Orders wait for somebody who is on the road.",
    "“The auditors asked the same question three years in a row.” Nobody can say who approved.",
    "“I have two people who do nothing but chase.” They leave, and we train the next ones.",
)
MORE_PAINS = (  # text, how often, evidence
    ("“Nobody sees an invoice before the reminder comes.”", "weekly", "Their aging report"),
    ("“New people need four months until they are of use.”", "quarterly", "Figures of HR"),
    ("“We type the same delivery into three systems.”", "daily", "Seen at the site"),
    ("“The board asks, and we need two days to answer.”", "monthly", "Said by two site leads"),
    ("“When Anna is on leave, everything stands still.”", "yearly", "Absence of last summer"),
    ("“We pay twice and hear of it from the supplier.”", "monthly", "List of credit notes"),
)
PROOFS = ("Their report of last month", "Minutes of the review", "Counted together on site")
PARTS_IN_IT = (  # part in the decision, what it is judged on
    ("proposes it", "Days saved at each site"),
    ("signs", "Price per site, cash effect"),
    ("has to agree", "Effort for the own team"),
)
IMPACTS = (  # text, measure, unit, baseline, target
    (
        "Bring approvals down to two days so that discounts are taken",
        "Days to approve",
        "days",
        9,
        2,
    ),
    ("Take the early-payment discounts that are offered", "Discounts taken", "k a quarter", 18, 78),
    ("Have more first visits that solve the problem", "First-time fix rate", "%", 61, 82),
    ("Close the month earlier", "Days to close", "days", 11, 5),
    ("Cut the hours spent on chasing", "Hours of chasing", "h a week", 46, 12),
    ("Get more orders through without touching them", "Touchless orders", "%", 22, 65),
)
FEELINGS = (
    "“At quarter end I get to go home for dinner.”",
    "“I stop being the one who says no without knowing why.”",
    "“For the first time I walk into the board meeting with my own figures.”",
    "“My team no longer asks me whether this project was a good idea.”",
)
EVENTS = (  # text, consequence, kind
    ("The audit of the annual accounts begins", "The open finding goes to the board", "regulatory"),
    ("The new plant opens", "It starts on paper and stays there for a year", "operational"),
    ("The budget for next year is fixed", "Without figures the second phase is cut", "financial"),
    (
        "The lease of the old system ends",
        "Another year costs 60 k and binds two people",
        "financial",
    ),
    (
        "The group reports under the new rules",
        "{who} signs for numbers nobody can trace",
        "personal",
    ),
)
DECISIONS = (
    "Renew and extend to the remaining sites, if the pilot site reaches its figure",
    "Renew for a year; compare with the module of the ERP before a longer term",
    "Renew at the same scope; the second phase is decided after the budget",
)
PROCESSES = (
    "CFO agrees, procurement compares, legal reads",
    "Works council is told, the COO signs",
    "Head of finance proposes, the board approves amounts above 50 k",
)
CRITERIA = (
    ("Trail for the auditor", "days saved"),
    ("Price per site", "effort for IT"),
    ("Use at each site",),
)

EVIDENCE = (
    "Their weekly report, sent by mail",
    "Said in the call, confirmed by mail the day after",
    "Minutes of the meeting",
    "Dashboard shown in the review",
    "",
)

ADVICE = (
    "You let them finish each time. Ask next what the delay costs, and wait for the number.",
    "Good opening. The end date came up late; ask for it before you show anything.",
    "The close had a date and a name. Find out what changes for the sponsor personally.",
    "Strong on the pain. Two questions at once got one answer; ask one, then the other.",
    "They had to say one thing twice. Sum up what you heard before you move on.",
    "Ask who else must agree. You learned the steps, and not the people.",
)
