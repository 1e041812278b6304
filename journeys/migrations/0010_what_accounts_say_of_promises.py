import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0009_what_onboardings_asked_for'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='commitment',
            name='heard',
            field=models.CharField(blank=True, help_text='what the account expects, where it is other', max_length=400),
        ),
        migrations.AddField(
            model_name='commitment',
            name='heard_at',
            field=models.DateTimeField(help_text='when the account was asked about it', null=True),
        ),
        migrations.AddField(
            model_name='commitment',
            name='heard_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
