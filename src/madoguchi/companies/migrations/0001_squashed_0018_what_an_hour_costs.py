import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('companies', '0001_squashed_0015_line'), ('companies', '0016_feeling_words'), ('companies', '0017_no_two_hyphens'), ('companies', '0018_what_an_hour_costs')]

    initial = True

    dependencies = [
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Company',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('slug', models.SlugField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('--', 'Do not write two hyphens in a row.', inverse_match=True)], verbose_name='short name for addresses')),
                        ('prefix', models.CharField(max_length=3, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{1,3}$', 'One to three capital letters, such as A or HN.')], verbose_name='letters of case numbers')),
                        ('accent_hue', models.PositiveSmallIntegerField(default=262, validators=[django.core.validators.MaxValueValidator(359)], verbose_name='accent colour (hue)')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'verbose_name': 'company',
                        'ordering': ['name'],
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Desk',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('public_name', models.CharField(max_length=200, verbose_name='name shown to customers')),
                        ('signature', models.TextField(blank=True, verbose_name='signature under replies')),
                        ('hours', models.CharField(blank=True, max_length=200, verbose_name='hours, as told to customers')),
                        ('acknowledge', models.BooleanField(default=True, verbose_name='acknowledge a first contact')),
                        ('acknowledgement', models.TextField(blank=True, help_text='Empty: the built-in text.', verbose_name='text of the acknowledgement')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('active', models.BooleanField(default=True, verbose_name='open')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('laid_out', models.BooleanField(db_default=True, default=True, verbose_name='lay answers out (HTML)')),
                        ('hand_off', models.CharField(choices=[('never', 'never'), ('transfer', 'when a case goes to another person or desk'), ('closing', 'then, and when a case is solved')], db_default='transfer', default='transfer', max_length=10, verbose_name='ask for a hand-over')),
                        ('care_words', models.TextField(blank=True, db_default='', default='', verbose_name='words that need care')),
                        ('check_attachment', models.BooleanField(db_default=True, default=True, verbose_name='ask after a forgotten file')),
                        ('check_name', models.BooleanField(db_default=True, default=True, verbose_name="ask when another's name is addressed")),
                        ('check_recipients', models.CharField(choices=[('never', 'never'), ('others', 'when it goes to others than the customer, or with files'), ('always', 'always')], db_default='never', default='never', max_length=10, verbose_name='confirm To, Cc, Bcc and files')),
                        ('forbidden_words', models.TextField(blank=True, db_default='', default='', verbose_name='words that must not go out')),
                        ('approval', models.CharField(choices=[('never', "nobody's"), ('everyone', "everybody's, seniors' own too"), ('chosen', 'those of the people chosen below'), ('care', 'those with a word that needs care')], db_default='never', default='never', max_length=10, verbose_name='answers that a senior approves')),
                        ('approval_for', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=models.Value([], django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)), default=list, size=None, verbose_name='people whose answers are approved')),
                        ('check_bare', models.BooleanField(db_default=True, default=True, verbose_name='ask when an answer is a template and no more')),
                        ('closes', models.TimeField(blank=True, null=True, verbose_name='at work until')),
                        ('open_tasks', models.CharField(choices=[('warn', 'they are shown first'), ('refuse', 'it is not solved')], db_default='warn', default='warn', max_length=10, verbose_name='when tasks are still open')),
                        ('opens', models.TimeField(blank=True, null=True, verbose_name='at work from')),
                        ('kana', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='reading')),
                        ('acknowledgement_en', models.TextField(blank=True, db_default='', default='', verbose_name='acknowledgement for whoever does not write in Japanese')),
                        ('acknowledgements', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                        ('chats_at_once', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='chats that one person has at once')),
                        ('feeling_words', models.TextField(blank=True, db_default='', default='', max_length=2000, verbose_name='words by which customers show how they feel')),
                    ],
                    options={
                        'verbose_name': 'desk',
                        'ordering': ['company_id', 'position', 'id'], 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'name'), name='desk_name_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='EntryPoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('email', 'Mail'), ('form', 'Form'), ('phone', 'Phone'), ('chat', 'Chat'), ('line', 'LINE')], max_length=10, verbose_name='kind')),
                        ('address', models.CharField(max_length=254, verbose_name='address')),
                        ('sender_name', models.CharField(blank=True, max_length=200, verbose_name="sender's name")),
                        ('medium', models.CharField(blank=True, max_length=200, verbose_name='published where')),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entry_points', to='companies.desk', verbose_name='desk')),
                    ],
                    options={
                        'verbose_name': 'entry point',
                        'ordering': ['company_id', 'desk_id', 'kind', 'id'], 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('kind', 'address'), name='entry_point_address_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OperatorCompany',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                        ('own_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company', verbose_name='the company itself')),
                    ],
                    options={
                        'verbose_name': 'operator',
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Engagement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('model', models.CharField(choices=[('in_house', 'In-house'), ('temp_staff', 'In-house, temporary staff'), ('in_house_outsourced', 'Our site, outsourced staff'), ('vendor_centre', "Vendor's centre")], max_length=20, verbose_name='operating model')),
                        ('masked', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='masked fields')),
                        ('hidden', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='hidden fields')),
                        ('starts_on', models.DateField(verbose_name='from')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='until')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='companies.desk', verbose_name='desk')),
                        ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='companies.operatorcompany', verbose_name='operator')),
                        ('company_hour', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1000000)], verbose_name="what an hour of the company's own people costs (yen)")),
                    ],
                    options={
                        'verbose_name': 'engagement',
                        'ordering': ['company_id', 'desk_id', 'operator_id'], 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('operator', 'desk'), name='engagement_once_per_desk')],
                    },
                ),
            ],
        ),
        *protect("companies_company", column="id"),
        *protect(
            "companies_desk",
            "companies_entrypoint",
            "companies_engagement",
        ),
    ]
