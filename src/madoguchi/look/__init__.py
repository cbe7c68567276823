"""How Madoguchi looks: tokens, styles, components, base pages and the small scripts they share."""
