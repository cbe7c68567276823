import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import madoguchi.infra.fields
import madoguchi.infra.models
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='RateCount',
                    fields=[
                        ('key', models.TextField()),
                        ('window', models.BigIntegerField()),
                        ('count', models.IntegerField(default=0)),
                        ('pk', models.CompositePrimaryKey('key', 'window', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                ),
                migrations.CreateModel(
                    name='Reader',
                    fields=[
                        ('name', models.TextField(primary_key=True, serialize=False)),
                        ('tx', models.BigIntegerField(default=0)),
                        ('event_id', models.BigIntegerField(default=0)),
                        ('begun', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('wary', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('sealed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('first_tx', models.BigIntegerField()),
                        ('first_id', models.BigIntegerField()),
                        ('last_tx', models.BigIntegerField()),
                        ('last_id', models.BigIntegerField()),
                        ('count', models.IntegerField()),
                        ('previous', models.BinaryField(max_length=32)),
                        ('digest', models.BinaryField(max_length=32)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('previous',), name='seal_chain_never_forks')],
                    },
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('tx', madoguchi.infra.fields.TransactionIdField(db_default=madoguchi.infra.models.CurrentTransaction())),
                        ('kind', models.TextField()),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('actor_kind', models.TextField()),
                        ('actor_id', models.BigIntegerField(null=True)),
                        ('actor_name', models.TextField()),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('desk_id', models.BigIntegerField(null=True)),
                        ('data', models.JSONField(default=dict)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('carried', models.BooleanField(db_default=False, default=False)),
                        ('origin', models.TextField(db_default='', default='')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['tx', 'id'], name='event_order'), models.Index(condition=models.Q(('case_id__isnull', False)), fields=['case_id', 'id'], name='event_of_case'), models.Index(fields=['company', 'id'], name='event_of_company'), models.Index(fields=['company', 'tx', 'id'], name='event_order_of_company'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='event_at', pages_per_range=32)],
                    },
                ),
                migrations.CreateModel(
                    name='FailedReaction',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('reader', models.TextField()),
                        ('event_id', models.BigIntegerField()),
                        ('tries', models.IntegerField(default=1)),
                        ('next_try_at', models.DateTimeField()),
                        ('error', models.TextField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('reader', 'event_id'), name='one_failure_per_event')],
                    },
                ),
                migrations.CreateModel(
                    name='EventWords',
                    fields=[
                        ('event_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('changes', models.JSONField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "infra_event",
            "infra_failedreaction",
            "infra_eventwords",
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION infra_event_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'events are append-only';
            END $$;
            CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE ON infra_event
                FOR EACH ROW EXECUTE FUNCTION infra_event_never_changes();
            CREATE TRIGGER seal_never_changes BEFORE UPDATE OR DELETE ON infra_seal
                FOR EACH ROW EXECUTE FUNCTION infra_event_never_changes();
            CREATE FUNCTION infra_event_tell() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_notify('madoguchi_events', '');
                RETURN NULL;
            END $$;
            CREATE TRIGGER event_tell AFTER INSERT ON infra_event
                FOR EACH STATEMENT EXECUTE FUNCTION infra_event_tell();
            """,
            "DROP FUNCTION infra_event_never_changes, infra_event_tell CASCADE",
        ),
    ]
