import django.core.serializers.json
import django.db.models.deletion
import tenants.ids
import tenants.isolation
from django.conf import settings
from django.db import migrations, models

from tenants.isolation import IsolateTenant


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_record_contract_changes'),
        ('tenants', '0003_name_every_role'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('target', models.CharField(max_length=20)),
                ('source', models.CharField(max_length=40)),
                ('file_name', models.CharField(help_text='as it was sent', max_length=200)),
                ('stored_as', models.CharField(help_text='below the folder of uploads', max_length=120)),
                ('size', models.BigIntegerField(help_text='bytes')),
                ('state', models.CharField(choices=[('received', 'Received'), ('reading', 'Reading'), ('read', 'Read'), ('checking', 'Checking'), ('checked', 'Checked'), ('running', 'Running'), ('done', 'Done'), ('undoing', 'Undoing'), ('undone', 'Undone'), ('discarded', 'Discarded')], default='received', max_length=9)),
                ('layout', models.JSONField(default=dict)),
                ('columns', models.JSONField(default=list, help_text='a profile of each column')),
                ('plan', models.JSONField(default=dict)),
                ('fixes', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('problem', models.CharField(blank=True, help_text='why reading stopped', max_length=500)),
                ('attempt', models.PositiveIntegerField(default=0, help_text='reads and checks so far')),
                ('job_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('undo_until', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', tenants.isolation.TenantId(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='ImportChange',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('target', models.CharField(max_length=20)),
                ('row_id', models.UUIDField()),
                ('is_new', models.BooleanField()),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('written_at', models.DateTimeField()),
                ('kept_because', models.CharField(blank=True, help_text='why undo left it', max_length=200)),
                ('belongs_to', tenants.isolation.Ref(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.import')),
                ('tenant', tenants.isolation.TenantId(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('line', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('unreadable', 'Cannot be read'), ('conflict', 'Same key, other content'), ('copy', 'Repeated'), ('unfit', 'Does not fit what is stored')], max_length=10)),
                ('cells', models.JSONField(default=list)),
                ('problems', models.JSONField(default=list)),
                ('belongs_to', tenants.isolation.Ref(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.import')),
                ('tenant', tenants.isolation.TenantId(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['tenant', '-created_at'], name='import_created'),
        ),
        migrations.AddIndex(
            model_name='importchange',
            index=models.Index(fields=['tenant', 'belongs_to', '-id'], name='import_change'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['tenant', 'belongs_to', 'kind', 'line'], name='import_row'),
        ),
        IsolateTenant("Import", "ImportRow", "ImportChange"),
    ]
