from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_keep_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='customfield',
            name='retired_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='customfield',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
