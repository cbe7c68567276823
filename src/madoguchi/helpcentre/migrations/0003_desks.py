import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ('helpcentre', '0002_logo_and_host'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='helpcentre', name='help_centre_once'),
        migrations.RemoveConstraint(model_name='logo', name='help_centre_logo_once'),
        migrations.AddField(
            model_name='helpcentre',
            name='accent_hue',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(359)], verbose_name='accent colour (hue)'),
        ),
        migrations.AddField(
            model_name='helpcentre',
            name='desk',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk'),
        ),
        migrations.AddField(
            model_name='logo',
            name='desk',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk'),
        ),
        migrations.AddConstraint(
            model_name='helpcentre',
            constraint=models.UniqueConstraint(fields=('company', 'desk'), name='help_centre_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='logo',
            constraint=models.UniqueConstraint(fields=('company', 'desk'), name='help_centre_logo_once', nulls_distinct=False),
        ),
    ]
