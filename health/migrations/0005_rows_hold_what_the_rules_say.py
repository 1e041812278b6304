from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0004_rows_hold_the_band_of_a_week_ago'),
    ]

    operations = [
        migrations.AddField(
            model_name='accountrow',
            name='segment_by_rule',
            field=models.CharField(blank=True, default='', help_text='of one set by hand', max_length=40),
        ),
    ]
