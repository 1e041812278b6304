"""What was one text becomes records and lists, in every version that is kept."""

from django.db import migrations

LINES = r"regexp_split_to_table(%s, '[\r\n]+') WITH ORDINALITY AS t(words, n)"
# Named after its words, so that what stands in several versions is one; the same words again by
# how often they stood before.
NAMED = """left(md5(btrim(words)), 8) || coalesce('-' || nullif(
    row_number() OVER (PARTITION BY btrim(words) ORDER BY n), 1), '')"""

PAINS = f"""
UPDATE spiced_element e SET text = coalesce((
    SELECT string_agg(line, E'\\n' ORDER BY n) FROM (
        SELECT regexp_replace(btrim(words), '\\s+', ' ', 'g') AS line, n
        FROM {LINES % "e.text"} WHERE btrim(words) <> ''
    ) l
), CASE WHEN coalesce(e.details->>'who', e.details->>'frequency', e.details->>'annual_cost', '')
    <> '' THEN 'Not said yet' ELSE '' END)
WHERE e.letter = 'P';
UPDATE spiced_element e SET details = jsonb_build_object('pains', (
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'id', 'pain-' || id, 'text', words, 'status', 'open'
    ) || CASE WHEN n = 1 THEN jsonb_build_object(
        'who', nullif(e.details->>'who', ''),
        'frequency', nullif(e.details->>'frequency', ''),
        'annual_cost', e.details->'annual_cost',
        'currency', CASE WHEN e.details->>'annual_cost' IS NOT NULL THEN t.currency END
    ) ELSE '{{}}' END) ORDER BY n)
    FROM (SELECT words, n, {NAMED} AS id FROM {LINES.replace("AS t(", "AS l(") % "e.text"}) named
))
FROM tenants_tenant t WHERE t.id = e.tenant_id AND e.letter = 'P' AND e.text <> '';
UPDATE spiced_element SET details = '{{}}' WHERE letter = 'P' AND text = '';
"""

DECISIONS = f"""
UPDATE spiced_element e SET details = e.details
    || jsonb_build_object('people', (
        SELECT jsonb_agg(jsonb_build_object('id', p.who, 'contact', p.who) ORDER BY n)
        FROM jsonb_array_elements_text(
            CASE WHEN jsonb_typeof(e.details->'people') = 'array' THEN e.details->'people'
            ELSE '[]' END
        ) WITH ORDINALITY AS p(who, n)
    ), 'process', (
        SELECT jsonb_agg(jsonb_build_object('id', 'step-' || id, 'step', btrim(words))
            ORDER BY n)
        FROM (
            SELECT words, n, {NAMED} AS id FROM {LINES % "e.details->>'process'"}
            WHERE btrim(words) <> ''
        ) named
    ))
WHERE e.letter = 'D' AND e.details ?| ARRAY['people', 'process'];
"""

# A text becomes a list as a typed one does: at semicolons and lines where it has any, else at commas.
LIST = """
UPDATE spiced_element e SET details = e.details || jsonb_build_object('{key}', (
    SELECT jsonb_agg(btrim(words) ORDER BY n)
    FROM regexp_split_to_table(e.details->>'{key}', CASE
        WHEN e.details->>'{key}' ~ '[;\\r\\n]' THEN '[;\\r\\n]+' ELSE ',' END
    ) WITH ORDINALITY AS t(words, n)
    WHERE btrim(words) <> ''
))
WHERE e.letter = '{letter}' AND jsonb_typeof(e.details->'{key}') = 'string';
"""


class Migration(migrations.Migration):
    dependencies = [("spiced", "0006_reviews_of_calls"), ("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(PAINS, migrations.RunSQL.noop),
        migrations.RunSQL(DECISIONS, migrations.RunSQL.noop),
        migrations.RunSQL(LIST.format(letter="D", key="criteria"), migrations.RunSQL.noop),
        migrations.RunSQL(LIST.format(letter="S", key="tools"), migrations.RunSQL.noop),
    ]
