import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0012_chat'),
        ('customers', '0001_squashed_0006_joins_led_on'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=60)),
                        ('name', models.CharField(max_length=200)),
                        ('kana', models.CharField(blank=True, max_length=200)),
                        ('tax_rate', models.PositiveSmallIntegerField(choices=[(10, '10 %'), (8, '8 %'), (0, '0 %')], default=10)),
                        ('tax_included', models.BooleanField(default=True)),
                        ('warranty_months', models.PositiveSmallIntegerField(null=True)),
                        ('attributes', models.JSONField(default=dict)),
                        ('active', models.BooleanField(default=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'code'), name='product_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReturnPolicy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('words', models.TextField()),
                        ('days', models.PositiveSmallIntegerField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='policy_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Order',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('state', models.CharField(choices=[('placed', 'Ordered'), ('shipped', 'Shipped'), ('delivered', 'Delivered'), ('cancelled', 'Cancelled')], default='placed', max_length=10)),
                        ('payment', models.CharField(choices=[('on_delivery', 'Cash on delivery'), ('transfer', 'Bank transfer'), ('store', 'Convenience store'), ('link', 'By a payment link (card)'), ('later', 'By invoice, later'), ('nothing', 'Nothing to pay')], max_length=12)),
                        ('recipient', models.CharField(max_length=200)),
                        ('postcode', models.CharField(blank=True, max_length=10)),
                        ('address', models.CharField(max_length=300)),
                        ('phone', models.CharField(blank=True, max_length=40)),
                        ('note', models.CharField(blank=True, max_length=500)),
                        ('rounding', models.CharField(max_length=10)),
                        ('net', models.IntegerField()),
                        ('tax', models.IntegerField()),
                        ('once', models.UUIDField()),
                        ('placed_at', models.DateTimeField()),
                        ('delivered_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('policy', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.returnpolicy')),
                        ('paid_at', models.DateTimeField(null=True)),
                        ('shipping_rule', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.shippingrule')),
                        ('resend_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='resends', to='commerce.order')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['customer', '-placed_at'], name='order_of_customer'), models.Index(condition=models.Q(('resend_of__isnull', False)), fields=['resend_of'], name='resend_of_order')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='order_number_once'), models.UniqueConstraint(fields=('company', 'once'), name='order_placed_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Shop',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200)),
                        ('registration_number', models.CharField(blank=True, max_length=14)),
                        ('address', models.CharField(blank=True, max_length=200)),
                        ('phone', models.CharField(blank=True, max_length=40)),
                        ('bank', models.CharField(blank=True, max_length=200)),
                        ('rounding', models.CharField(choices=[('floor', 'floor'), ('half-up', 'half-up'), ('ceil', 'ceil')], default='floor', max_length=10)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='one_shop_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Variant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=60)),
                        ('name', models.CharField(blank=True, max_length=100)),
                        ('unit_price', models.PositiveIntegerField()),
                        ('attributes', models.JSONField(default=dict)),
                        ('folded', models.CharField(max_length=800)),
                        ('active', models.BooleanField(default=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='commerce.product')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['product'], name='variant_of_product')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'code'), name='variant_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Stock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('place', models.CharField(max_length=60)),
                        ('quantity', models.IntegerField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('variant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stock', to='commerce.variant')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('variant', 'place'), name='stock_once_per_place')],
                    },
                ),
                migrations.CreateModel(
                    name='OrderLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('place', models.PositiveSmallIntegerField()),
                        ('code', models.CharField(max_length=60)),
                        ('name', models.CharField(max_length=300)),
                        ('quantity', models.PositiveIntegerField()),
                        ('unit_price', models.PositiveIntegerField()),
                        ('tax_rate', models.PositiveSmallIntegerField()),
                        ('tax_included', models.BooleanField()),
                        ('warranty_months', models.PositiveSmallIntegerField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='commerce.order')),
                        ('variant', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.variant')),
                        ('backordered', models.PositiveIntegerField(db_default=0, default=0)),
                        ('shipping', models.BooleanField(db_default=False, default=False)),
                        ('taken', models.JSONField(null=True)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('order', 'place'), name='order_line_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Counter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=20)),
                        ('last', models.PositiveIntegerField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'kind'), name='one_commerce_counter_per_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='IssuedDocument',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('invoice', 'invoice'), ('receipt', 'receipt'), ('delivery-note', 'delivery-note'), ('return-slip', 'return-slip')], max_length=20)),
                        ('number', models.CharField(max_length=40)),
                        ('partner', models.CharField(max_length=200)),
                        ('day', models.DateField()),
                        ('total', models.IntegerField()),
                        ('pdf', models.BinaryField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='commerce.order')),
                        ('reissue_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.issueddocument')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('kept', models.JSONField(null=True)),
                        ('back', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='commerce.return')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['order'], name='document_of_order'), models.Index(fields=['company', '-day', '-id'], name='document_by_day')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='document_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ShippingRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('fee', models.PositiveIntegerField()),
                        ('free_from', models.PositiveIntegerField(null=True)),
                        ('regions', models.JSONField(default=dict)),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='shipping_rule_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('choice', models.CharField(choices=[('wait', 'Wait'), ('ask_carrier', 'Ask the carrier'), ('ask_warehouse', 'Ask the warehouse'), ('resend', 'Send it once more'), ('refund', 'Give the money back')], max_length=14)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='commerce.order')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('parcel', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='commerce.parcel')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['order', '-at'], name='decision_of_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Parcel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('carrier', models.CharField(choices=[('yamato', 'Yamato Transport'), ('sagawa', 'Sagawa Express'), ('japan_post', 'Japan Post'), ('other', 'Another carrier')], max_length=10)),
                        ('slip', models.CharField(blank=True, max_length=30)),
                        ('state', models.CharField(choices=[('preparing', 'Being prepared'), ('handed_over', 'Handed to the carrier'), ('in_transit', 'In transit'), ('absent', 'Nobody was there'), ('delivered', 'Delivered'), ('returned', 'Sent back to us')], default='preparing', max_length=12)),
                        ('moved_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parcels', to='commerce.order')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'slip'], name='parcel_by_slip')],
                        'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='parcel_once'), models.UniqueConstraint(condition=models.Q(('slip', ''), _negated=True), fields=('company', 'carrier', 'slip'), name='slip_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ParcelPiece',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.PositiveIntegerField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sent', to='commerce.orderline')),
                        ('parcel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='commerce.parcel')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['line'], name='pieces_of_line')],
                        'constraints': [models.UniqueConstraint(fields=('parcel', 'line'), name='line_once_per_parcel')],
                    },
                ),
                migrations.CreateModel(
                    name='ParcelStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('preparing', 'Being prepared'), ('handed_over', 'Handed to the carrier'), ('in_transit', 'In transit'), ('absent', 'Nobody was there'), ('delivered', 'Delivered'), ('returned', 'Sent back to us')], max_length=12)),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('parcel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='commerce.parcel')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('parcel', 'at', 'state'), name='parcel_step_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Return',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('state', models.CharField(choices=[('asked', 'Asked for'), ('inspected', 'Looked over'), ('refunded', 'Money given back'), ('exchanged', 'Exchanged'), ('refused', 'Not taken back')], default='asked', max_length=10)),
                        ('reason', models.CharField(choices=[('changed_mind', 'Not wanted after all'), ('defect', 'Defective'), ('damaged', 'Damaged on the way'), ('wrong', 'Something else was sent'), ('not_delivered', 'Never came')], max_length=14)),
                        ('note', models.CharField(blank=True, max_length=300)),
                        ('until', models.DateField(null=True)),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('sums', models.JSONField(default=list)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('asked_at', models.DateTimeField()),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='returns', to='commerce.order')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('once', models.UUIDField(null=True)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['order'], name='return_of_order')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='return_number_once'), models.UniqueConstraint(fields=('company', 'once'), name='return_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReturnPiece',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.PositiveIntegerField()),
                        ('restocked', models.PositiveIntegerField(default=0)),
                        ('back', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='commerce.return')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='given_back', to='commerce.orderline')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['line'], name='returned_of_line')],
                        'constraints': [models.UniqueConstraint(fields=('back', 'line'), name='line_once_per_return')],
                    },
                ),
            ],
        ),
        *protect(
            "commerce_counter",
            "commerce_shop",
            "commerce_returnpolicy",
            "commerce_product",
            "commerce_variant",
            "commerce_stock",
            "commerce_order",
            "commerce_orderline",
            "commerce_issueddocument",
            "commerce_shippingrule",
            "commerce_parcel",
            "commerce_parcelpiece",
            "commerce_parcelstep",
            "commerce_decision",
            "commerce_return",
            "commerce_returnpiece",
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION commerce_document_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'documents never change';
            END $$;
            CREATE TRIGGER document_never_changes BEFORE UPDATE OR DELETE ON commerce_issueddocument
                FOR EACH ROW EXECUTE FUNCTION commerce_document_never_changes();
            """,
            "DROP FUNCTION commerce_document_never_changes CASCADE",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON commerce_order"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON commerce_order",
        ),
    ]
