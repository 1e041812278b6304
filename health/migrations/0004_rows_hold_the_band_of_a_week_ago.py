from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0003_sum_bands_of_closed_days'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='snapshot', name='snapshot_red'),
        migrations.AddField(
            model_name='accountrow',
            name='band_before',
            field=models.CharField(blank=True, default='', help_text='a week ago; empty where not known', max_length=7),
        ),
    ]
