"""What a customer may demand of their data: to have it, put right, used no more, or gone."""
