"""Campaigns of a company, and the orders that have them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ("commerce", "0001_squashed_0012_outside"),
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='list_price',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('words', models.TextField()),
                ('memo', models.TextField(blank=True)),
                ('kind', models.CharField(choices=[('percent', 'Percent off'), ('yen', 'Yen off'), ('shipping', 'Free shipping')], max_length=10)),
                ('amount', models.PositiveIntegerField(default=0)),
                ('least', models.PositiveIntegerField(default=0)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('begins', models.DateField()),
                ('ends', models.DateField(null=True)),
                ('quota', models.PositiveIntegerField(null=True)),
                ('per_customer', models.PositiveIntegerField(null=True)),
                ('used', models.PositiveIntegerField(default=0)),
                ('products', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('desks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('entry_points', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('active', models.BooleanField(default=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='CampaignUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('words', models.TextField()),
                ('saved', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('returned_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='commerce.campaign')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.OneToOneField(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='campaign_use', to='commerce.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddIndex(
            model_name='campaign',
            index=models.Index(fields=['company', '-begins'], name='campaign_by_day'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('company', 'code'), name='coupon_code_once'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('quota', None), ('used__lte', models.F('quota')), _connector='OR'), name='quota_is_kept'),
        ),
        migrations.AddIndex(
            model_name='campaignuse',
            index=models.Index(fields=['campaign'], name='use_of_campaign'),
        ),
        *protect("commerce_campaign", "commerce_campaignuse"),
    ]
