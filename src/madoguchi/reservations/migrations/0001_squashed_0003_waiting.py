import datetime
import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('reservations', '0001_initial'), ('reservations', '0002_called_up'), ('reservations', '0003_waiting')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
        ('customers', '0001_squashed_0008_consents'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Store',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone number')),
                        ('address', models.CharField(blank=True, max_length=200, verbose_name='postal address')),
                        ('hours', models.JSONField(default=dict)),
                        ('active', models.BooleanField(default=True, verbose_name='takes reservations')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'name'), name='store_name_once'), models.UniqueConstraint(fields=('entry_point',), name='store_of_entry_point')],
                    },
                ),
                migrations.CreateModel(
                    name='Resource',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('kind', models.CharField(choices=[('shop', 'Visit to the store'), ('table', 'Table'), ('room', 'Room (nights)'), ('visit', 'Visit to the customer (repairs)')], default='shop', max_length=10, verbose_name='kind')),
                        ('units', models.PositiveSmallIntegerField(default=1, verbose_name='how many there are')),
                        ('seats', models.PositiveSmallIntegerField(default=1, verbose_name='people, at most')),
                        ('step', models.PositiveSmallIntegerField(default=30, verbose_name='a time begins every (minutes)')),
                        ('length', models.PositiveSmallIntegerField(default=60, verbose_name='it lasts (minutes)')),
                        ('gap', models.PositiveSmallIntegerField(default=0, verbose_name='kept free afterwards (minutes)')),
                        ('check_in', models.TimeField(default=datetime.time(15, 0), verbose_name='check-in from')),
                        ('check_out', models.TimeField(default=datetime.time(10, 0), verbose_name='check-out until')),
                        ('days_ahead', models.PositiveSmallIntegerField(default=90, verbose_name='can be had so many days ahead')),
                        ('active', models.BooleanField(default=True, verbose_name='can be had')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='reservations.store')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('store', 'name'), name='resource_name_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Reservation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('state', models.CharField(choices=[('held', 'Held for the moment'), ('booked', 'Reserved'), ('waiting', 'On the waiting list'), ('cancelled', 'Cancelled'), ('lapsed', 'Let go')], max_length=10)),
                        ('unit', models.PositiveSmallIntegerField(null=True)),
                        ('begins', models.DateTimeField()),
                        ('ends', models.DateTimeField()),
                        ('taken_until', models.DateTimeField()),
                        ('people', models.PositiveSmallIntegerField(default=1)),
                        ('note', models.CharField(blank=True, max_length=500)),
                        ('held_until', models.DateTimeField(null=True)),
                        ('former', models.JSONField(null=True)),
                        ('once', models.UUIDField()),
                        ('made_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('resource', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='reservations.resource')),
                        ('freed_at', models.DateTimeField(null=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['customer', '-begins'], name='reservation_of_customer'), models.Index(fields=['company', 'begins', 'id'], name='reservation_by_time'), models.Index(fields=['resource', 'begins'], name='reservation_of_resource'), models.Index(condition=models.Q(('state', 'held')), fields=['resource', 'begins'], name='reservation_held'), models.Index(condition=models.Q(('state', 'waiting')), fields=['begins'], name='reservation_waiting')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='reservation_number_once'), models.UniqueConstraint(fields=('company', 'once'), name='reservation_made_once'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['held', 'booked'])), expressions=[(models.Func(models.F('resource'), models.F('resource'), models.Value('[]'), function='int8range'), '='), (models.Func(models.F('unit'), models.F('unit'), models.Value('[]'), function='int4range'), '='), (models.Func(models.F('begins'), models.F('taken_until'), function='tstzrange'), '&&')], name='one_customer_at_a_time'), models.CheckConstraint(condition=models.Q(('begins__lt', models.F('ends'))), name='reservation_lasts'), models.CheckConstraint(condition=models.Q(('ends__lte', models.F('taken_until'))), name='reservation_taken_while_it_lasts'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['held', 'booked']), _negated=True), ('unit__isnull', False), _connector='OR'), name='reservation_has_a_unit')],
                    },
                ),
            ],
        ),
        *protect(
            "reservations_store",
            "reservations_resource",
            "reservations_reservation",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON reservations_reservation"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON reservations_reservation",
        ),
    ]
