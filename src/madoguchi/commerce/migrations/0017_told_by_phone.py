"""What was told to customers who were solicited by phone, and what advertisements offered."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0016_subscriptions_tried_again'),
        ("companies", "0001_squashed_0015_line"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='also_again',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='campaign',
            name='most_pieces',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='kind',
            field=models.CharField(choices=[('percent', 'Percent off'), ('yen', 'Yen off'), ('shipping', 'Free shipping'), ('nothing', 'Nothing off: an advertisement alone')], max_length=10),
        ),
        migrations.AlterField(
            model_name='return',
            name='reason',
            field=models.CharField(choices=[('changed_mind', 'Not wanted after all'), ('defect', 'Defective'), ('damaged', 'Damaged on the way'), ('wrong', 'Something else was sent'), ('not_delivered', 'Never came'), ('elsewhere', 'Refunded in the shop where it was ordered'), ('withdrawn', 'Withdrawn within eight days (cooling-off)')], max_length=14),
        ),
        migrations.CreateModel(
            name='Solicitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outside', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=320), size=None)),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None)),
                ('at', models.DateTimeField()),
                ('papers_due', models.DateField()),
                ('papers_on', models.DateField(null=True)),
                ('withdrawn_on', models.DateField(null=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='solicitations', to='commerce.order')),
                ('subscription', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='solicitations', to='commerce.subscription')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['order'], name='solicitation_of_order')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('subscription__isnull', True)), fields=('order',), name='solicitation_of_order_once'), models.UniqueConstraint(condition=models.Q(('subscription__isnull', False)), fields=('subscription',), name='solicitation_of_subscription_once')],
            },
        ),
        *protect("commerce_solicitation"),
    ]
