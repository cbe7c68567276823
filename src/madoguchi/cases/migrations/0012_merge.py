import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0011_hand_off'),
        ('companies', '0004_hand_off'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('messages', models.PositiveIntegerField()),
                ('moved', models.JSONField()),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('into', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='cases.case')),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['into', 'id'], name='merge_into_case')],
            },
        ),
        *protect("cases_merge"),
    ]
