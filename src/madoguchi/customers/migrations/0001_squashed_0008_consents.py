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
        ("companies", "0001_squashed_0015_line"),
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
                        ('language', models.CharField(default='ja', max_length=10, verbose_name='language')),
                        ('created_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('mail_format', models.CharField(blank=True, choices=[('', 'As the desk sends mail'), ('plain', 'Plain words alone'), ('jis', 'For old phones and mail software (ISO-2022-JP)')], db_default='', max_length=10, verbose_name='form of mail')),
                        ('joined_into', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('use_stopped_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'verbose_name': 'customer',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'kana'], name='customer_by_kana'), models.Index(condition=models.Q(('joined_into__isnull', False)), fields=['joined_into'], name='customer_joined'), models.Index(condition=models.Q(('use_stopped_at__isnull', False)), fields=['id'], name='customer_use_stopped')],
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
                migrations.CreateModel(
                    name='ConsentWords',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('purpose', models.CharField(choices=[('matter', 'About their own matters'), ('offers', 'Advertising and offers'), ('survey', 'Surveys'), ('follow_up', 'Guidance after a purchase')], max_length=12)),
                        ('version', models.PositiveSmallIntegerField()),
                        ('text', models.TextField()),
                        ('written_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'purpose', 'version'), name='consent_words_once_per_version')],
                    },
                ),
                migrations.CreateModel(
                    name='Consent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('purpose', models.CharField(choices=[('matter', 'About their own matters'), ('offers', 'Advertising and offers'), ('survey', 'Surveys'), ('follow_up', 'Guidance after a purchase')], max_length=12)),
                        ('channel', models.CharField(choices=[('email', 'Mail'), ('phone', 'Phone'), ('sms', 'SMS'), ('line', 'LINE'), ('letter', 'Letter')], max_length=10)),
                        ('given', models.BooleanField()),
                        ('how', models.CharField(choices=[('phone', 'On the phone'), ('mail', 'By mail'), ('form', 'On a form or page'), ('paper', 'On paper'), ('in_person', 'In person')], max_length=10)),
                        ('note', models.CharField(blank=True, max_length=300)),
                        ('at', models.DateTimeField()),
                        ('written_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('words', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.consentwords')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['customer', 'purpose', 'channel', '-id'], name='consent_of_customer')],
                    },
                ),
            ],
        ),
        *protect(
            "customers_customer",
            "customers_identity",
            "customers_join",
            "customers_consentwords",
            "customers_consent",
        ),
        migrations.RunSQL(_LED_ON, "DROP FUNCTION customers_led_on()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER joins_led_on BEFORE INSERT ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
                f"DROP TRIGGER joins_led_on ON {table}",
            )
            for table in ("customers_identity", "customers_consent")
        ),
    ]
