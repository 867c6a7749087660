"""All models at once: their ranks, and whether these would hold on other patients."""
