import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('signals', '0001_squashed_0003_report'), ('signals', '0004_noted'), ('signals', '0005_instructions')]

    initial = True

    dependencies = [
        ('cases', '0048_identity_needs'),
        ('commerce', '0001_squashed_0012_outside'),
        ('companies', '0018_what_an_hour_costs'),
        ('complaints', '0001_initial'),
        ('people', '0001_squashed_0007_access_token_desks'),
        ('tasks', '0001_squashed_0004_former_titles'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Incident',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('product', 'A product'), ('delivery', 'Delivery'), ('money', 'Price or payment'), ('site', 'Site or system'), ('saying', 'What we say is wrong'), ('mood', 'Mood of customers'), ('other', 'Something else')], max_length=10)),
                        ('state', models.CharField(choices=[('open', 'Nobody has looked yet'), ('taken', 'Taken up'), ('dismissed', 'None after all')], default='open', max_length=10)),
                        ('raised_at', models.DateTimeField()),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.product')),
                        ('settled_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('figures', models.JSONField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', '-raised_at', '-id'], name='incident_by_time')], 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Signal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('product', 'A product'), ('delivery', 'Delivery'), ('money', 'Price or payment'), ('site', 'Site or system'), ('saying', 'What we say is wrong'), ('mood', 'Mood of customers'), ('other', 'Something else')], max_length=10)),
                        ('words', models.CharField(max_length=200)),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), default=list, size=None)),
                        ('raised_at', models.DateTimeField()),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('incident', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='signals.incident')),
                        ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.product')),
                        ('raised_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('lot', models.CharField(blank=True, db_default='', default='', max_length=40)),
                        ('serial', models.CharField(blank=True, db_default='', default='', max_length=60)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', 'kind', '-raised_at'], name='signal_alike'), models.Index(fields=['company', '-raised_at', '-id'], name='signal_by_time'), models.Index(fields=['case', 'id'], name='signal_of_case'), models.Index(condition=models.Q(('incident__isnull', False)), fields=['incident'], name='signal_of_incident'), models.Index(condition=models.Q(('product__isnull', False)), fields=['product', '-raised_at'], name='signal_of_product')], 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Watch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('words', models.TextField(verbose_name='grave words')),
                        ('alike', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(50)], verbose_name='so many alike in a day raise themselves')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='watch_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Grave',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                        ('sorts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                        ('found_at', models.DateTimeField()),
                        ('priority_before', models.PositiveSmallIntegerField()),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('dismissed_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('dismissed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('message', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('task', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tasks.task')),
                        ('note', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.note')),
                        ('signal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.signal')),
                        ('complaint', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.complaint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'id'], name='grave_of_case'), models.Index(fields=['company', '-found_at', '-id'], name='grave_by_time'), models.Index(condition=models.Q(('task__isnull', False)), fields=['task'], name='grave_of_task'), models.Index(condition=models.Q(('complaint__isnull', False)), fields=['complaint'], name='grave_of_complaint')],
                    },
                ),
                migrations.CreateModel(
                    name='Instruction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                        ('sorts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                        ('found_at', models.DateTimeField()),
                        ('outcome', models.CharField(blank=True, choices=[('asked', 'It came to the manager as a request'), ('refused', 'Not followed; the company was told how to ask'), ('none', 'No instruction')], max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('message', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('note', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.note')),
                        ('settled_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', '-found_at', '-id'], name='instruction_by_time')],
                    },
                ),
            ],
        ),
        *protect(
            "signals_incident",
            "signals_signal",
            "signals_grave",
            "signals_watch",
            "signals_instruction",
        ),
    ]
