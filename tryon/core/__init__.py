"""Pure core: words, matrix, recipes, pictures, masks, splats, quality, publish gate, stages and their ports."""
