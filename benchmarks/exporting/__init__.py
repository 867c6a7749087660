"""A benchmark's images, masks and folds in the formats of other frameworks, at native size."""
