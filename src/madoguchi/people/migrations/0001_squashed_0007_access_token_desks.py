import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

# What somebody may do where, in one question.
_GRANTED = """
    SELECT e.company_id, m.role::text, e.desk_id, e.operator_id, e.model::text, e.masked::text[], e.hidden::text[]
    FROM people_operatormember m
    JOIN companies_engagement e ON e.operator_id = m.operator_id
    WHERE m.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
        AND (m.role = 'manager'
             OR EXISTS (SELECT FROM people_seat s WHERE s.member_id = m.id AND s.engagement_id = e.id))
    UNION ALL
    SELECT c.company_id, c.role::text, NULL, NULL, NULL, '{}', '{}'
    FROM people_companymember c WHERE c.user_id = person
    UNION ALL
    SELECT c.company_id, c.role::text, e.desk_id, NULL, e.model::text, '{}', '{}'
    FROM people_companymember c
    JOIN companies_engagement e ON e.company_id = c.company_id AND e.model = 'temp_staff'
    WHERE c.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
    UNION ALL
    SELECT id, 'administrator', NULL, NULL, NULL, '{}', '{}' FROM companies_company WHERE administrator
"""
# PL/pgSQL keeps its plan from one time to the next, where SQL plans anew. The question looks at every company for as
# long as it is asked: only its answer says whose data is in sight. The function sets the scope itself: a SET clause
# would do the same, but PostgreSQL lets nobody but a superuser write one for a setting of one's own, and the owner of
# the tables need not be one.
_GRANTS = f"""
    CREATE FUNCTION people_grants(person bigint, today date, administrator boolean)
    RETURNS TABLE (company bigint, role text, desk bigint, operator bigint, model text, masked text[], hidden text[])
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
        sight text := coalesce(current_setting('app.companies', true), '');
    BEGIN
        PERFORM set_config('app.companies', '*', true);
        RETURN QUERY {_GRANTED};
        PERFORM set_config('app.companies', sight, true);
    END
$$"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('email', models.EmailField(max_length=254, unique=True, verbose_name='mail address')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('kana', models.CharField(blank=True, max_length=100, verbose_name='reading')),
                        ('language', models.CharField(choices=[('ja', '日本語'), ('en', 'English')], default='ja', max_length=5, verbose_name='language')),
                        ('is_administrator', models.BooleanField(default=False, verbose_name='administrator of this installation')),
                        ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                        ('date_joined', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'verbose_name': 'person',
                        'ordering': ['name', 'id'],
                    },
                ),
                migrations.CreateModel(
                    name='OperatorMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('agent', 'Agent'), ('supervisor', 'Supervisor'), ('manager', "Operator's manager")], max_length=20, verbose_name='role')),
                        ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='companies.operatorcompany')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operator_memberships', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'operator'), name='one_role_per_operator')],
                    },
                ),
                migrations.CreateModel(
                    name='Seat',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='companies.engagement')),
                        ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='people.operatormember')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('member', 'engagement'), name='seat_once')],
                    },
                ),
                migrations.CreateModel(
                    name='CompanyMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('company_staff', 'Company staff'), ('company_manager', 'Company manager')], max_length=20, verbose_name='role')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='company_memberships', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('user', 'company'), name='one_role_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='AccessToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('selector', models.CharField(max_length=16, unique=True)),
                        ('digest', models.CharField(max_length=64)),
                        ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None, verbose_name='permissions')),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField(verbose_name='valid until')),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('used_on', models.DateField(null=True)),
                        ('company', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_tokens', to=settings.AUTH_USER_MODEL)),
                        ('desks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=models.Value([], django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)), default=list, size=None)),
                    ],
                    options={
                        'verbose_name': 'access token',
                    },
                ),
            ],
        ),
        *protect(
            "people_seat",
            "people_companymember",
        ),
        migrations.RunSQL(_GRANTS, "DROP FUNCTION people_grants(bigint, date, boolean)"),
    ]
