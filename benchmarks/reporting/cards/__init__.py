"""A card for every dataset and every model."""
