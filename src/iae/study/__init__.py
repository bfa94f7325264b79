"""Rating studies: raters, images, votes that are never lost, and what becomes of them."""
