"""A user's own images through trained networks, and the files in which these networks are handed on."""
