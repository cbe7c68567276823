"""What is sent to customers again and again, and on which terms."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0013_campaigns'),
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0001_squashed_0008_consents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SubscriptionTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('words', models.TextField()),
                ('notice_days', models.PositiveSmallIntegerField()),
                ('least_orders', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('case_id', models.BigIntegerField(null=True)),
                ('quantity', models.PositiveIntegerField()),
                ('every', models.PositiveSmallIntegerField()),
                ('unit', models.CharField(choices=[('week', 'weeks'), ('month', 'months')], max_length=5)),
                ('total', models.PositiveIntegerField()),
                ('said', models.TextField()),
                ('state', models.CharField(choices=[('active', 'Going on'), ('paused', 'Pausing'), ('held', 'Held: look at it'), ('ended', 'Ended')], default='active', max_length=6)),
                ('trouble', models.CharField(blank=True, choices=[('price', 'It comes to another amount by now'), ('gone', 'It is not on sale any more')], max_length=6)),
                ('first_on', models.DateField()),
                ('next_on', models.DateField()),
                ('last_on', models.DateField(null=True)),
                ('resume_on', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, choices=[('enough', 'Has enough of it'), ('price', 'Too expensive'), ('quality', 'Not content with it'), ('health', 'Does not agree with them'), ('other_shop', 'Buys something else'), ('life', 'Moves, or lives differently now'), ('unaware', 'Did not know that it would go on'), ('service', 'Trouble with deliveries or with us'), ('unsaid', 'Would not say')], max_length=10)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('payment', models.CharField(max_length=12)),
                ('recipient', models.CharField(max_length=200)),
                ('postcode', models.CharField(blank=True, max_length=10)),
                ('address', models.CharField(max_length=300)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('once', models.UUIDField()),
                ('begun_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('variant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.variant')),
                ('terms', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.subscriptionterms')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SubscriptionOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due', models.DateField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.order')),
                ('subscription', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='made', to='commerce.subscription')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['order'], name='subscription_of_order')],
                'constraints': [models.UniqueConstraint(fields=('subscription', 'due'), name='subscription_day_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='subscriptionterms',
            constraint=models.UniqueConstraint(fields=('company', 'number'), name='subscription_terms_once'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['customer', '-begun_at'], name='subscription_of_customer'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['company', '-begun_at'], name='subscription_by_day'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['next_on'], name='subscription_due'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('state', 'paused')), fields=['resume_on'], name='subscription_resumes'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(fields=('company', 'number'), name='subscription_number_once'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(fields=('company', 'once'), name='subscription_begun_once'),
        ),
        *protect("commerce_subscriptionterms", "commerce_subscription", "commerce_subscriptionorder"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON commerce_subscription"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON commerce_subscription",
        ),
    ]
