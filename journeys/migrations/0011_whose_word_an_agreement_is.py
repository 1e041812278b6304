from django.db import migrations, models

# Until now nobody's record was the account's own word, said on its page.
OWN = "UPDATE journeys_jointagreement SET is_own_word = true WHERE side = 'them' AND recorded_by_id IS NULL"


class Migration(migrations.Migration):

    dependencies = [('journeys', '0010_what_accounts_say_of_promises')]

    operations = [
        migrations.AddField(
            model_name='jointagreement',
            name='is_own_word',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(OWN, migrations.RunSQL.noop),
    ]
