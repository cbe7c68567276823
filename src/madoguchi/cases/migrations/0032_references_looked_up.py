from django.db import migrations

# Values may refer to products and orders, too. What stands in cases by now is not read otherwise than before.
_VALUES = """
    CREATE OR REPLACE FUNCTION case_values(filled jsonb) RETURNS TABLE (field_id bigint, words text, number float8)
    LANGUAGE sql IMMUTABLE AS $$
        SELECT key::bigint, said.words, said.number
        FROM jsonb_each(filled) CROSS JOIN LATERAL (
            SELECT
                CASE jsonb_typeof(value)
                    WHEN 'string' THEN left(lower(normalize(value #>> '{}', NFKC) COLLATE "C"), 200) END AS words,
                CASE jsonb_typeof(value)
                    WHEN 'number' THEN value::float8
                    WHEN 'object' THEN (%s)::float8 END AS number
        ) AS said
    $$;
"""
_NOW = "coalesce(value ->> 'customer', value ->> 'product', value ->> 'order')"


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0031_joins_led_on'),
    ]

    operations = [
        migrations.RunSQL(_VALUES % _NOW, _VALUES % "value ->> 'customer'"),
    ]
