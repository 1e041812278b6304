import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_retire_custom_fields'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='segment_by_rule',
            field=models.CharField(blank=True, help_text='what the rules say of one set by hand', max_length=40),
        ),
        migrations.AddField(
            model_name='account',
            name='segment_reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='account',
            name='segment_set_at',
            field=models.DateTimeField(help_text='by hand; the rules leave it alone', null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='segment_set_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
