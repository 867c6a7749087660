"""Tables, figures and the page, from the committed files under `reports/` alone: neither data nor torch is needed."""
