import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

# Whoever looked a customer up before a join and writes after it is led on. Waiting for the row's lock is what the
# foreign key would do a moment later.
_LED_ON = """
    CREATE FUNCTION customers_led_on() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        goes_on bigint;
    BEGIN
        SELECT joined_into_id INTO goes_on FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
        IF goes_on IS NOT NULL THEN
            NEW.customer_id := goes_on;
        END IF;
        RETURN NEW;
    END $$;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0012_chat'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Customer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('kana', models.CharField(blank=True, max_length=200, verbose_name='reading')),
                        ('address', models.CharField(blank=True, max_length=300, verbose_name='postal address')),
                        ('memo', models.TextField(blank=True, verbose_name='memo')),
                        ('language', models.CharField(default='ja', max_length=5, verbose_name='language')),
                        ('created_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('mail_format', models.CharField(blank=True, choices=[('', 'As the desk sends mail'), ('plain', 'Plain words alone'), ('jis', 'For old phones and mail software (ISO-2022-JP)')], db_default='', max_length=10, verbose_name='form of mail')),
                        ('joined_into', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'customer',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'kana'], name='customer_by_kana'), models.Index(condition=models.Q(('joined_into__isnull', False)), fields=['joined_into'], name='customer_joined')],
                    },
                ),
                migrations.CreateModel(
                    name='Identity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('email', 'Mail'), ('phone', 'Phone'), ('line', 'LINE'), ('web', 'Web visitor')], max_length=10)),
                        ('value', models.CharField(max_length=254)),
                        ('written', models.CharField(max_length=254)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='customers.customer')),
                        ('undeliverable_at', models.DateTimeField(null=True)),
                        ('undeliverable_why', models.CharField(blank=True, db_default='', max_length=1000)),
                    ],
                    options={
                        'verbose_name': 'identity',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'kind', 'value'), name='identity_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Join',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('moved', models.JSONField()),
                        ('before', models.JSONField()),
                        ('after', models.JSONField()),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('into', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['into', 'id'], name='join_into_customer')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('customer',), name='joined_once')],
                    },
                ),
            ],
        ),
        *protect(
            "customers_customer",
            "customers_identity",
            "customers_join",
        ),
        migrations.RunSQL(_LED_ON, "DROP FUNCTION customers_led_on()"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_identity"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_identity",
        ),
    ]
