"""A trained segmentation on disk."""
