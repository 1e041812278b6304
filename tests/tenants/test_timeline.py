from tenants import timeline


def test_a_verb_reads_as_its_app_described_it(monkeypatch):
    monkeypatch.setattr(timeline, "WORDINGS", {})
    timeline.describe("x.moved", "{who} moved it from {stage[0]} to {stage[1]}", icon="move-right")
    line = timeline.told("x.moved", {"stage": ["live", "retained"]}, "Maya Okafor")
    assert (line.title, line.icon) == ("Maya Okafor moved it from live to retained", "move-right")


def test_a_fact_that_was_not_recorded_reads_as_nothing(monkeypatch):
    monkeypatch.setattr(timeline, "WORDINGS", {})
    timeline.describe("x.moved", "moved to {stage[1]}{on:%d}", detail=lambda facts: facts["why"])
    line = timeline.told("x.moved", {}, "Maya Okafor")
    assert (line.title, line.text) == ("Moved to ", "")


def test_a_verb_nobody_described_is_still_readable():
    assert timeline.told("x.thing_happened", {}, "").title == "X: thing happened"
