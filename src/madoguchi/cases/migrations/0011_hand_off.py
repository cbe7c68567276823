import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_reply_time'),
        ('companies', '0004_hand_off'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='hops',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(choices=[('person', 'To another person'), ('desk', 'To another desk'), ('closing', 'On closing')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('summary', models.CharField(max_length=300)),
                ('next_step', models.CharField(blank=True, max_length=300)),
                ('promises', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hand_offs', to='cases.case')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('to_desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                ('to_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='case',
            name='hand_off',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.handoff'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['case', 'at'], name='hand_off_of_case'),
        ),
        *protect("cases_handoff"),
    ]
