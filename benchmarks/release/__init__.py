"""A release: one folder for an archive with a DOI, made from a tag, and the check of one that was downloaded."""
