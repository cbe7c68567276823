import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


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
                    name='ReplyTemplate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('body', models.TextField(verbose_name='text')),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(blank=True, help_text='Empty: all desks.', null=True, on_delete=django.db.models.deletion.CASCADE, to='companies.desk', verbose_name='desk')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who looks after it')),
                        ('version', models.PositiveIntegerField(db_default=1, default=1)),
                    ],
                    options={
                        'verbose_name': 'reply template',
                        'ordering': ['name', 'id'],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'name'), name='template_name_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='TemplateVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('name', models.CharField(max_length=100)),
                        ('body', models.TextField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('template', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='knowledge.replytemplate')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('template', 'number'), name='template_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Article',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=150, verbose_name='title')),
                        ('audience', models.CharField(choices=[('customer', 'For customers'), ('operator', 'For operators only'), ('both', 'For customers and operators')], default='both', max_length=10, verbose_name='who reads it')),
                        ('language', models.CharField(choices=[('ja', 'Japanese'), ('en', 'English')], default='ja', max_length=5, verbose_name='language')),
                        ('folder', models.CharField(blank=True, default='', max_length=60, verbose_name='topic')),
                        ('review_on', models.DateField(blank=True, null=True, verbose_name='to be looked at again on')),
                        ('newest', models.PositiveIntegerField(default=1)),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('retired_at', models.DateTimeField(null=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk', verbose_name='desk')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who looks after it')),
                        ('origin', models.CharField(blank=True, db_default='', default='', max_length=80)),
                    ],
                    options={
                        'verbose_name': 'article',
                        'ordering': ['folder', 'title', 'id'],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'folder', 'title'], name='article_by_topic')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('origin', ''), _negated=True), fields=('company', 'origin'), name='article_once_of_origin')],
                    },
                ),
                migrations.CreateModel(
                    name='ArticlePolicy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('four_eyes', models.BooleanField(default=False)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='article_policy_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ArticleVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('title', models.CharField(max_length=150)),
                        ('body', models.TextField()),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('review', 'Waits for approval'), ('approved', 'Approved')], default='draft', max_length=10)),
                        ('at', models.DateTimeField()),
                        ('comment', models.CharField(blank=True, default='', max_length=500)),
                        ('valid_from', models.DateTimeField(null=True)),
                        ('valid_until', models.DateTimeField(null=True)),
                        ('corrects', models.BooleanField(default=False)),
                        ('approved_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='knowledge.article')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state', 'review')), fields=['company', 'article'], name='version_to_approve')],
                        'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='article_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('valid_from__isnull', False), _connector='OR'), name='approved_version_begins')],
                    },
                ),
                migrations.CreateModel(
                    name='ArticleReading',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('at', models.DateTimeField()),
                        ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.article')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('article', 'user'), name='article_reading_once')],
                    },
                ),
            ],
        ),
        *protect(
            "knowledge_replytemplate",
            "knowledge_templateversion",
            "knowledge_article",
            "knowledge_articleversion",
            "knowledge_articlepolicy",
            "knowledge_articlereading",
        ),
    ]
