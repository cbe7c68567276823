"""How far the words of a macro are: a draft, waiting for the company, or approved by it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('macros', '0001_squashed_0003_tasks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='macro',
            name='comment',
            field=models.CharField(blank=True, db_default='', default='', max_length=500),
        ),
        migrations.AddField(
            model_name='macro',
            name='proposed',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='macro',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('waits', 'Waits for approval'), ('approved', 'Approved')], db_default='waits', default='waits', max_length=10),
        ),
        migrations.AddField(
            model_name='macro',
            name='words_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
